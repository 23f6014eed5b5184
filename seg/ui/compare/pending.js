(photo, shown) => {
  for (const told of document.querySelectorAll("#link-refused, #camera-refused")) told.remove();
  // A true mask belongs to one photo: it goes with it.
  const mask = null;
  // The picture that the server puts in place of a photo that browsers cannot show is no new photo.
  if (photo?.path?.endsWith(".shown.jpg")) return [shown, mask];
  document.dispatchEvent(new CustomEvent("went", {detail: {photo, silent: true}}));
  const titles = shown?.figures?.filter(each => each.name !== "truth").map(each => each.title);
  return [photo ? {pending: photo.url, networks: shown?.networks ?? titles ?? NETWORK_TITLES} : shown, mask];
}
