// What the stage does in the browser: classes in the limelight, one zoom for all pictures, what each network says of a
// place, and the slider. Gradio runs this once; `element` stays, what is in it changes with every photo.

const all = selector => [...element.querySelectorAll(selector)];
const clamp = (value, low, high) => Math.min(high, Math.max(low, value));
let scene = null;
let turn = 0;  // counts the photos

// Classes, and pairs of classes, that are looked at alone: what is pointed at, else what was clicked.

const setOrRemove = (selector, attribute, name) => {
  for (const each of all(selector)) {
    if (name) each.setAttribute(attribute, name);
    else each.removeAttribute(attribute);
  }
};
const alone = [
  {button: ".class", key: "class", kept: null, show: name => setOrRemove(".views", "data-lit", name)},
  {button: ".group", key: "group", kept: null, show(name) {
    setOrRemove(".differences .stack", "data-pairs", name);
    for (const layer of all(".pair")) layer.style.opacity = name && layer.classList.contains(name) ? 1 : "";
  }},
];
const press = one => {
  for (const button of all(one.button)) {
    button.setAttribute("aria-pressed", String(button.dataset[one.key] === one.kept));
  }
  one.show(one.kept);
};
for (const one of alone) {
  const pointed = event => one.show(event.target.closest(one.button)?.dataset[one.key] ?? one.kept);
  element.addEventListener("pointerover", pointed);
  element.addEventListener("focusin", pointed);
  element.addEventListener("pointerleave", () => one.show(one.kept));
  element.addEventListener("focusout", () => one.show(one.kept));
  element.addEventListener("click", event => {
    const button = event.target.closest(one.button);
    if (!button) return;
    one.kept = button.dataset[one.key] === one.kept ? null : button.dataset[one.key];
    press(one);
  });
}

// Zoom: one for all pictures. `left` and `top` are the place of the picture's corner, in widths and heights of the frame.

const MOST = 16;
const zoom = {scale: 1, left: 0, top: 0};
const showZoom = () => {
  zoom.left = clamp(zoom.left, 1 - zoom.scale, 0);
  zoom.top = clamp(zoom.top, 1 - zoom.scale, 0);
  element.style.setProperty("--zoom", zoom.scale);
  element.style.setProperty("--pan-x", `${100 * zoom.left}%`);
  element.style.setProperty("--pan-y", `${100 * zoom.top}%`);
  element.toggleAttribute("data-zoomed", zoom.scale > 1);
  for (const button of all("[data-zoom='0']")) button.textContent = `${+zoom.scale.toFixed(1)}×`;
  showMark();
};
// x and y: the place that stays where it is, 0..1 of the frame.
const zoomTo = (scale, x = .5, y = .5) => {
  const next = clamp(scale, 1, MOST);
  zoom.left = x - (x - zoom.left) * next / zoom.scale;
  zoom.top = y - (y - zoom.top) * next / zoom.scale;
  zoom.scale = next;
  showZoom();
};
const flyTo = (left, top, right, bottom) => {
  zoom.scale = clamp(.6 / Math.max(right - left, bottom - top), 1, 8);
  zoom.left = .5 - zoom.scale * (left + right) / 2;
  zoom.top = .5 - zoom.scale * (top + bottom) / 2;
  showZoom();
};

// A place of the photo, 0..1 of width and height: marked in every picture, and told.

let place = null;
const pixels = {};
const read = async (url, key) => {
  const of = turn;
  const picture = new Image();
  picture.src = url;
  await picture.decode();
  const canvas = new OffscreenCanvas(picture.naturalWidth, picture.naturalHeight);
  const context = canvas.getContext("2d", {willReadFrequently: true});
  context.drawImage(picture, 0, 0);
  if (of !== turn) return;
  pixels[key] = context.getImageData(0, 0, canvas.width, canvas.height);
  tell();
};
const classAt = (mask, [x, y]) => {
  const column = Math.min(mask.width - 1, Math.floor(x * mask.width));
  const row = Math.min(mask.height - 1, Math.floor(y * mask.height));
  const at = 4 * (row * mask.width + column);
  const colour = "#" + [0, 1, 2].map(i => mask.data[at + i].toString(16).padStart(2, "0")).join("");
  return scene.classes.findIndex(each => each.colour === colour);
};
// The logarithms are scaled bilinearly between the middles of the network's pixels, then made to add to 1.
const oddsAt = (odds, [x, y]) => {
  const height = odds.height / scene.classes.length;
  const across = clamp(x * odds.width - .5, 0, odds.width - 1), down = clamp(y * height - .5, 0, height - 1);
  const column = Math.min(odds.width - 2, Math.floor(across)), row = Math.min(height - 2, Math.floor(down));
  const exps = scene.classes.map((_, below) => {
    const at = (r, c) => odds.data[4 * ((below * height + row + r) * odds.width + column + c)];
    const u = across - column, v = down - row;
    const mixed = (1 - v) * ((1 - u) * at(0, 0) + u * at(0, 1)) + v * ((1 - u) * at(1, 0) + u * at(1, 1));
    return Math.exp(scene.lowestLog * (mixed / 255 - 1));
  });
  const sum = exps.reduce((all, each) => all + each);
  return exps.map(each => each / sum);
};
const percent = share => share > .995 ? "over 99\u00a0%" : share < .005 ? "under 1\u00a0%" : `${Math.round(100 * share)}\u00a0%`;
const seenIn = key => scene.classes[classAt(pixels[key], place)]?.name;
const tell = () => {
  if (place === null) return;
  const said = scene.figures.flatMap(({name, title, odds}) => {
    if (!pixels[name]) return [];
    if (!odds) return [`In truth: ${seenIn(name)}.`];
    if (!pixels[`${name} odds`]) return [];
    const all = oddsAt(pixels[`${name} odds`], place), lost = lostOf(name);
    return [
      `${title}: ${seenIn(name)} (${scene.classes.map((each, i) => `${each.name} ${percent(all[i])}`).join(", ")}).`,
      // How sure it is then nobody has calibrated.
      ...lost && pixels[lost.off] ? [`${lost.title}: ${seenIn(lost.off)}.`] : [],
    ];
  });
  const line = element.querySelector(".readout p");
  if (line && said.length) line.textContent = said.join(" ");
};
const showMark = () => {
  element.toggleAttribute("data-marked", place !== null);
  if (place === null) return;
  for (const mark of all(".mark")) {
    mark.style.left = `${100 * (zoom.left + zoom.scale * place[0])}%`;
    mark.style.top = `${100 * (zoom.top + zoom.scale * place[1])}%`;
  }
};
const point = at => {
  place = [clamp(at[0], 0, 1 - 1e-9), clamp(at[1], 0, 1 - 1e-9)];
  showMark();
  tell();
};

// Pointers.

const inFrame = (stack, event) => {
  const box = stack.getBoundingClientRect();
  return [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
};
const inPhoto = ([x, y]) => [(x - zoom.left) / zoom.scale, (y - zoom.top) / zoom.scale];
const fingers = new Map();  // and the mouse; all places are in the frame that the first is in, wherever the others are
let grip = null;  // the handle of the slider, while it is held
element.addEventListener("pointerdown", event => {
  const stack = event.target.closest(".stack");
  if (!stack || event.button > 0 || event.target.closest("button")) return;
  if (stack.closest(".slider") && (event.target.closest(".handle") || zoom.scale === 1)) {
    grip = stack;
    stack.setPointerCapture(event.pointerId);
    cutAt(100 * inFrame(stack, event)[0]);
    return;
  }
  const frame = fingers.size ? [...fingers.values()][0].frame : stack;
  fingers.set(event.pointerId, {frame, at: inFrame(frame, event)});
  if (zoom.scale > 1 || fingers.size > 1) stack.setPointerCapture(event.pointerId);
  if (event.pointerType !== "mouse" && fingers.size === 1) point(inPhoto(inFrame(stack, event)));
});
element.addEventListener("pointermove", event => {
  const stack = grip ?? event.target.closest(".stack");
  if (!stack) return;
  if (grip) return cutAt(100 * inFrame(stack, event)[0]);
  const finger = fingers.get(event.pointerId);
  const at = inFrame(finger?.frame ?? stack, event);
  if (finger) {
    const others = [...fingers.values()].filter(each => each !== finger);
    if (others.length) {
      const [other] = others, apart = (a, b) => Math.hypot(a[0] - b[0], a[1] - b[1]);
      const middle = [(at[0] + other.at[0]) / 2, (at[1] + other.at[1]) / 2];
      zoomTo(zoom.scale * apart(at, other.at) / (apart(finger.at, other.at) || 1), ...middle);
      finger.at = at;
      return;
    } else if (zoom.scale > 1) {
      zoom.left += at[0] - finger.at[0];
      zoom.top += at[1] - finger.at[1];
      element.toggleAttribute("data-dragging", true);
      showZoom();
    }
    finger.at = at;
  }
  point(inPhoto(at));
});
for (const end of ["pointerup", "pointercancel"]) {
  element.addEventListener(end, event => {
    fingers.delete(event.pointerId);
    grip = null;
    element.removeAttribute("data-dragging");
  });
}
element.addEventListener("dblclick", event => {
  const stack = event.target.closest(".stack");
  if (!stack || event.target.closest(".handle, button")) return;
  event.preventDefault();
  if (zoom.scale >= MOST) zoomTo(1);
  else zoomTo(2 * zoom.scale, ...inFrame(stack, event));
});
element.addEventListener("wheel", event => {
  const stack = event.target.closest(".stack");
  // At 1× the wheel scrolls the page, but for where there is nothing to scroll to.
  if (!stack || !(event.ctrlKey || zoom.scale > 1 || (event.deltaY < 0 && scrollY <= 0))) return;
  event.preventDefault();
  zoomTo(zoom.scale * Math.exp(-clamp(event.deltaY, -120, 120) / 300), ...inFrame(stack, event));
}, {passive: false});
element.addEventListener("click", event => {
  const button = event.target.closest("[data-zoom], .fly, .add-mask");
  if (!button) return;
  if (button.matches(".fly")) flyTo(...button.dataset.box.split(",").map(Number));
  else if (button.matches(".add-mask")) addMask();
  else zoomTo({"+": 1.5 * zoom.scale, "-": zoom.scale / 1.5, 0: 1}[button.dataset.zoom]);
});
// One picture large, in front of the page; Escape and a click beside it close it.
element.addEventListener("click", event => {
  const stack = event.target.closest(".enlarge")?.closest(".stack");
  if (!stack) return;
  if (stack.matches(":popover-open")) return stack.hidePopover();
  stack.popover = "auto";
  stack.showPopover();
});
element.addEventListener("toggle", event => {
  const open = event.newState === "open";
  event.target.querySelector(".enlarge")?.setAttribute("aria-label", open ? "Close" : "Open this picture large");
  if (!open) event.target.removeAttribute("popover");
}, true);
const addMask = () => {
  const input = () => document.querySelector("#trimap input[type=file]");
  if (!input()?.checkVisibility?.()) document.querySelector("#truth button")?.click();
  document.querySelector("#truth")?.scrollIntoView({block: "center"});
  setTimeout(() => input()?.click());
};

// Keys: the handle of the slider has its own.

const STEPS = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};
element.addEventListener("keydown", event => {
  if (event.altKey || event.ctrlKey || event.metaKey || event.target.closest("button:not(.enlarge), input")) return;
  const handle = event.target.closest(".handle");
  if (!handle && !event.target.closest(".stage")) return;
  const step = STEPS[event.key];
  if (handle) {
    const next = {Home: 0, End: 100, PageDown: cut - 10, PageUp: cut + 10}[event.key]
      ?? (step ? cut + (step[0] - step[1]) * (event.shiftKey ? 10 : 1) : null);
    if (next === null) return;
    cutAt(next);
  } else if (step) {
    const by = (event.shiftKey ? .1 : .02) / zoom.scale, [x, y] = place ?? [.5, .5];
    point([x + by * step[0], y + by * step[1]]);
    // Out of sight: the pictures follow.
    for (const [side, axis] of [["left", 0], ["top", 1]]) {
      const seen = zoom[side] + zoom.scale * place[axis];
      zoom[side] += clamp(seen, .05, .95) - seen;
    }
    showZoom();
  } else if (["+", "=", "-", "0"].includes(event.key)) {
    const [x, y] = place ? [zoom.left + zoom.scale * place[0], zoom.top + zoom.scale * place[1]] : [.5, .5];
    zoomTo({"-": zoom.scale / 1.5, 0: 1}[event.key] ?? 1.5 * zoom.scale, clamp(x, 0, 1), clamp(y, 0, 1));
  } else return;
  event.preventDefault();
});

// The slider.

let cut = 50;
let partners = null;
const cutAt = share => {
  cut = clamp(share, 0, 100);
  element.style.setProperty("--cut", `${cut}%`);
  for (const handle of all(".handle")) {
    handle.setAttribute("aria-valuenow", String(Math.round(cut)));
    handle.setAttribute("aria-valuetext", `${Math.round(cut)} % from the left`);
  }
};
const partner = () => {
  const inputs = all(".partners input");
  const chosen = inputs.find(input => input.value === partners) ?? inputs[0];
  if (!chosen) return;
  chosen.checked = true;
  const titles = chosen.dataset.titles.split("|"), says = chosen.dataset.says.split("|");
  chosen.value.split(" ").forEach((name, i) => {
    const side = element.querySelector(`.side.${["left", "right"][i]}`);
    for (const source of side.querySelectorAll(".source")) {
      source.style.visibility = source.classList.contains(`of-${name}`) ? "visible" : "";
    }
    side.querySelector(".corner").textContent = titles[i];
    side.querySelector(".zoomed").setAttribute("aria-label", `${["Left", "Right"][i]} of the line: ${says[i]}`);
  });
};
element.addEventListener("change", event => {
  if (!event.target.matches(".partners input")) return;
  partners = event.target.value;
  partner();
});

// Another photo, or none.

const begin = () => {
  const value = props.value;
  const shows = Boolean(value && !value.pending);
  // Views without a photo show nothing.
  for (const input of document.querySelectorAll("#view input")) input.disabled = !value;
  // The same photo, of which more is told now, stays where it is.
  if (!shows || scene?.of !== value.of) {
    Object.assign(zoom, {scale: 1, left: 0, top: 0});
    place = null;
    for (const key of Object.keys(pixels)) delete pixels[key];
    turn += 1;
  }
  scene = shows ? value : null;
  showZoom();
  if (!shows) return;
  for (const stack of all(".stack")) {
    stack.querySelector(":scope > .mark")?.remove();
    stack.insertAdjacentHTML("beforeend", '<span class="mark" aria-hidden="true"></span>');
  }
  for (const {name, mask, odds} of value.figures) {
    if (!pixels[name]) read(mask, name);
    if (odds && !pixels[`${name} odds`]) read(odds.url, `${name} odds`);
  }
  for (const {off, mask} of value.silenced?.figures ?? []) if (!pixels[off]) read(mask, off);
  alone.forEach(press);
  cutAt(cut);
  partner();
  tell();
};
watch("value", begin);
begin();
