(shown, silenced) => {
  document.querySelector("#views .skips")?.removeAttribute("data-busy");
  // What was asked of the photo before comes too late.
  return shown?.of && silenced?.of === shown.of ? {...shown, silenced} : shown;
}
