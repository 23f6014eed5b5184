key => [key, document.querySelector("#views [data-part]").dataset.part]
