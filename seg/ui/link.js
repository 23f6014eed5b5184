(name, show) => {
  document.dispatchEvent(new CustomEvent("went", {detail: DETAIL}));
  const query = new URLSearchParams({example: name, ...(show === FIRST_VIEW ? {} : {show})});
  return name ? new URL(`?${query}`, location.origin + location.pathname).href : "";
}
