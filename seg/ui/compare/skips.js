// Switches for the skip connections, in the view "Without skips".

const isKnown = ({name}) => {
  const off = all(`[data-skip^="${name}."]:not(:checked)`).map(each => each.dataset.skip).join(" ");
  return !off || props.value.silenced?.figures.some(each => each.off === off);
};
// What is whole, and what has been answered, is there already.
const ask = () => {
  if (!props.value?.figures || props.value.figures.every(isKnown)) return;
  element.querySelector(".skips").dataset.busy = "";
  trigger("silence");
};
element.addEventListener("change", event => {
  if (event.target.matches("[data-skip]")) ask();
});
watch("value", () => {
  if (!props.value?.silenced) for (const each of all("[data-skip]")) each.checked = true;
  ask();  // the switches may have moved meanwhile
});
