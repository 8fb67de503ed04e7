// A long navigation opens where the page stands in it.
const current = document.querySelector(".nav-groups [aria-current=page]");
current?.scrollIntoView({ block: "nearest" });
