"""What the tab Compare does in the browser alone, where no component does it."""

TO_RESULTS = """() => {
  // Side by side with the photo, results need no scrolling to.
  if (matchMedia("(max-width: 699px)").matches) {
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    // What has just arrived takes its place first.
    setTimeout(() => document.querySelector("#view").scrollIntoView({behavior: calm ? "auto" : "smooth"}), 200);
  }
  return [];
}"""
"""On a narrow screen, brings the results into view."""

TO_NEW_RESULTS = f"value => value ? ({TO_RESULTS})() : []"
"""The same, unless the value of the views is empty."""

DESCRIBE_PICTURES = """() => {
  // Gradio gives the same words, or none, to whatever these components show.
  const parts = ["#differences", "#slider", "#slider-said"].map(part => document.querySelector(part));
  const [differences, slider, said] = parts;
  const describe = () => {
    const base = differences.querySelector("img.base-image");
    if (base) base.alt = "The photo with the places where the networks differ in colour";
    const labels = [...differences.querySelectorAll(".legend-item")].map(label => label.innerText.trim());
    differences.querySelectorAll("img.mask").forEach((layer, i) => { layer.alt = labels[i] ?? ""; });
    const sides = said.textContent.match(/Left of the line: (.*)\\. Right of it: (.*)\\./);
    slider.querySelectorAll("img").forEach((picture, i) => { picture.alt = sides?.[i + 1] ?? ""; });
  };
  const observer = new MutationObserver(describe);
  for (const part of parts) observer.observe(part, {childList: true, characterData: true, subtree: true});
  return [];
}"""
"""Gives the pictures of the difference map and of the slider text alternatives, now and whenever they change."""
