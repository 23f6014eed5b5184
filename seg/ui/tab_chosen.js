() => {
  document.dispatchEvent(new CustomEvent("went", {detail: {tab: TAB}}));
  return [];
}
