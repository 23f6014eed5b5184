() => {
  // Gradio gives the buttons of examples no name that a screen reader could say.
  const examples = EXAMPLES;
  document.querySelectorAll("#examples button.gallery-item").forEach((button, i) => {
    const {name, hard} = examples[i];
    button.setAttribute("aria-label", `${name}: ${hard}`);
    button.title = name;
    button.insertAdjacentHTML("beforeend", `<span class="hard">${hard}</span>`);
  });

  // Each choice of Gradio's radio has a name of its own; of one name, arrow keys go from one to the next.
  const joined = () => document.querySelectorAll("fieldset").forEach((group, i) => {
    for (const input of group.querySelectorAll("input[type=radio]")) {
      if (input.name !== `choice-${i}`) input.name = `choice-${i}`;
    }
  });
  joined();
  // Gradio writes its own names again with every choice.
  const changes = {childList: true, subtree: true, attributes: true, attributeFilter: ["name"]};
  new MutationObserver(joined).observe(document.querySelector("#view"), changes);

  // A photo in the clipboard is chosen by pasting it anywhere in this tab.
  document.addEventListener("paste", event => {
    const input = document.querySelector("#photo input[type=file]");
    const photos = [...event.clipboardData.files].filter(file => file.type.startsWith("image/"));
    if (!photos.length || !input || !document.querySelector("#compare")?.checkVisibility()) return;
    event.preventDefault();
    const carried = new DataTransfer();
    carried.items.add(photos[0]);
    input.files = carried.files;
    input.dispatchEvent(new Event("change", {bubbles: true}));
  });

  // A sentence below the photo, in place of the one before.
  const refuse = (id, why) => {
    document.getElementById(id)?.remove();
    document.querySelector("#photo").insertAdjacentHTML("afterend", `<p id="${id}" role="alert">⚠ ${why}</p>`);
  };

  // A picture that is dragged here from another page may come as a mere link, which the browser would follow.
  const isLink = carried => carried.types.includes("text/uri-list") && !carried.types.includes("Files");
  const within = event => event.target.closest?.("#compare");
  document.addEventListener("dragover", event => {
    if (within(event) && isLink(event.dataTransfer)) event.preventDefault();
  }, true);
  document.addEventListener("drop", event => {
    if (!within(event) || !isLink(event.dataTransfer)) return;
    event.preventDefault();
    event.stopPropagation();
    refuse("link-refused", `This is a link, and links are not opened here. Save the picture and drop its file, or copy
      the picture and paste it with Ctrl+V.`);
  }, true);

  // A camera that is refused or absent.
  const noCamera = why => refuse("camera-refused", `${why} A photo's file can be chosen, dropped or pasted instead.`);
  const devices = navigator.mediaDevices;
  const ask = devices?.getUserMedia?.bind(devices);
  if (ask) {
    devices.getUserMedia = async wanted => {
      try {
        const film = await ask(wanted);
        document.querySelector("#camera-refused")?.remove();
        return film;
      } catch (error) {
        noCamera({
          NotAllowedError: "The camera was refused; the browser's settings of this page can allow it.",
          NotFoundError: "No camera was found on this device.",
          NotReadableError: "The camera cannot be read; another program may use it.",
        }[error.name] ?? "The camera cannot be used.");
        throw error;
      }
    };
  } else {
    document.addEventListener("click", event => {
      if (event.target.closest?.("#photo button[aria-label*=camera]")) {
        noCamera("This browser gives cameras only to pages with https or on this very machine.");
      }
    }, true);
  }
  return [];
}
