key => {
  const off = [...document.querySelectorAll("#views [data-skip]:not(:checked)")];
  return [key, off.map(each => each.dataset.skip).join(" ")];
}
