() => {
  // Side by side with the photo, results need no scrolling to.
  if (matchMedia("(max-width: 699px)").matches) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // What has just arrived takes its place first. Where the photo was taken away, the example is no result to go to.
    setTimeout(() => {
      if (document.querySelector("#views .views.example")) return;
      document.querySelector("#view").scrollIntoView({behavior: calm ? "auto" : "smooth"});
    }, 200);
  }
  return [];
}
