// Where one is on the page is in its address: tab, example, view, and the chapter of the contest. A photo of one's
// own stays with the entry of the browser's history alone. Parts of the page tell of a change by the event "went".
// It listens from the page's head on: a photo can be chosen before Gradio has run the scripts of the page's events.
(() => {
  const [FIRST_TAB, FIRST_VIEW] = FIRST;
  const asked = () => {
    const query = new URLSearchParams(location.search);
    return {
      tab: query.get("tab") ?? FIRST_TAB, show: query.get("show") ?? FIRST_VIEW,
      example: query.get("example"), place: query.get("place"),
    };
  };
  const now = {...asked(), photo: null};
  // What a person does is one step, with all that follows from it; what follows from Back and Forward is none.
  let step = null;
  for (const deed of ["pointerdown", "keydown", "change", "drop", "paste"]) {
    document.addEventListener(deed, () => { step = "pushState"; }, true);
  }
  const address = () => {
    const query = new URLSearchParams(location.search);
    const set = (key, value, usual) => value && value !== usual ? query.set(key, value) : query.delete(key);
    set("tab", now.tab, FIRST_TAB);
    set("example", now.example);
    set("show", now.show, FIRST_VIEW);
    set("place", now.tab === "contest" && now.place);
    return query.size ? `?${query}` : "";
  };
  document.addEventListener("went", ({detail}) => {
    Object.assign(now, detail);
    if (detail.silent || !step) return;
    const photo = now.example ? null : now.photo;
    if (address() === location.search && photo?.path === history.state?.photo?.path) return;
    history[step]({photo}, "", location.pathname + address());
    step = "replaceState";
  });
  const went = detail => document.dispatchEvent(new CustomEvent("went", {detail}));

  const press = (id, photo) => Object.assign(document.getElementById(id), {photo}).click();
  let looking = null;
  const showPlace = () => {
    const found = now.tab === "contest" && now.place && document.getElementById(now.place);
    const chapter = found && found.closest("details");
    if (!chapter?.checkVisibility()) return false;
    chapter.open = true;
    chapter.scrollIntoView();
    return true;
  };
  const findPlace = () => {
    looking?.disconnect();
    if (!now.place || showPlace()) return;
    looking = new MutationObserver(() => showPlace() && looking.disconnect());
    looking.observe(document.documentElement, {childList: true, subtree: true, attributes: true});
  };
  const follow = () => {
    const kept = history.state?.photo ?? null;
    step = null;
    Object.assign(now, asked());
    if (!now.example && kept?.path !== now.photo?.path) press("address-photo", kept);
    press("address-open");
    findPlace();
  };
  document.addEventListener("toggle", event => {
    if (!event.target.matches?.("details.contest-chapter")) return;
    const id = event.target.querySelector("[id]")?.id;
    if (event.target.open) went({tab: "contest", place: id});
    else if (now.place === id) went({place: null});
  }, true);
  // Links to other places of the page.
  document.addEventListener("click", event => {
    const link = event.target.closest?.("a[href^='?']");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const photo = now.example ? null : now.photo;
    const query = new URLSearchParams(link.getAttribute("href"));
    if (now.example) query.set("example", now.example);
    history.pushState({photo}, "", `?${query}`);
    follow();
  });

  findPlace();
  document.addEventListener("page-begins", () => {
    addEventListener("popstate", follow);
    // Back from another page, as long as the upload is kept.
    const kept = history.state?.photo;
    if (kept && !now.example && !now.photo) {
      fetch(kept.url, {method: "HEAD"}).then(answer => answer.ok && press("address-photo", kept));
    }
  }, {once: true});
})();
