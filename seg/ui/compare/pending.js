(photo, shown) => {
  document.querySelector("#link-refused")?.remove();
  // The picture that the server puts in place of a photo that browsers cannot show is no new photo.
  if (photo?.path?.endsWith(".shown.jpg")) return shown;
  return photo ? {pending: photo.url, networks: NETWORK_TITLES} : shown;
}
