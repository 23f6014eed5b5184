// Switches for the skip connections, in the view "Without skips".

const offOf = name => all(`[data-skip^="${name}."]:not(:checked)`).map(each => each.dataset.skip).join(" ");
const answered = name => props.value.silenced?.figures.find(each => each.name === name && each.off === offOf(name));
const isKnown = ({name}) => !offOf(name) || answered(name);
// What is shown of a network beside the whole one.
const lostOf = name => element.querySelector(".skips").checkVisibility() && answered(name);
// What is whole, and what has been answered, is there already.
const ask = () => {
  if (!props.value?.figures || props.value.figures.every(isKnown)) return;
  element.querySelector(".skips").dataset.busy = "";
  trigger("silence");
};
element.addEventListener("change", event => {
  if (!event.target.matches("[data-skip]")) return;
  ask();
  tell();
});
watch("value", () => {
  if (!props.value?.silenced) for (const each of all("[data-skip]")) each.checked = true;
  ask();  // the switches may have moved meanwhile
});
