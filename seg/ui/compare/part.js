// A part of the photo: a rectangle drawn on any of the pictures, or what is in view while they are enlarged.

let corner = null;  // where the rectangle began, in the picture's frame
const partButton = () => element.querySelector(".part");
const drawing = on => {
  corner = null;
  element.toggleAttribute("data-drawing", on);
  partButton()?.setAttribute("aria-pressed", String(on));
  for (const each of all(".drawn")) each.remove();
};
const send = (left, top, right, bottom) => {
  partButton().dataset.part = [left, top, right, bottom].map(edge => edge.toFixed(4)).join(" ");
  drawing(false);
  trigger("part");
};
element.addEventListener("click", event => {
  if (event.target.closest(".take-back")) trigger("whole");
  else if (!event.target.closest(".part")) return;
  else if (zoom.scale > 1) send(...inPhoto([0, 0]), ...inPhoto([1, 1]));
  else drawing(!element.hasAttribute("data-drawing"));
});
element.addEventListener("keydown", event => {
  if (event.key === "Escape") drawing(false);
});
// Before what the same gestures do otherwise.
element.addEventListener("pointerdown", event => {
  const stack = element.hasAttribute("data-drawing") && event.target.closest(".stack");
  if (!stack || event.button > 0 || event.target.closest("button")) return;
  event.stopImmediatePropagation();
  event.preventDefault();
  stack.setPointerCapture(event.pointerId);
  corner = inFrame(stack, event);
  stack.insertAdjacentHTML("beforeend", '<span class="drawn" aria-hidden="true"></span>');
}, true);
const drawn = event => {
  const at = inFrame(event.target.closest(".stack"), event).map(each => clamp(each, 0, 1));
  return [0, 1].map(axis => [Math.min(at[axis], corner[axis]), Math.max(at[axis], corner[axis])]);
};
element.addEventListener("pointermove", event => {
  if (!corner) return;
  event.stopImmediatePropagation();
  const [[left, right], [top, bottom]] = drawn(event);
  Object.assign(element.querySelector(".drawn").style, {
    left: `${100 * left}%`, top: `${100 * top}%`, width: `${100 * (right - left)}%`, height: `${100 * (bottom - top)}%`,
  });
}, true);
element.addEventListener("pointerup", event => {
  if (!corner) return;
  const [[left, right], [top, bottom]] = drawn(event);
  // A mere click is none yet.
  if (right - left > .02 && bottom - top > .02) send(left, top, right, bottom);
  else drawing(true);
}, true);
element.addEventListener("pointercancel", () => drawing(false), true);
watch("value", () => drawing(false));
