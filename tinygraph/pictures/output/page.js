"use strict";
// What the page does beyond the static picture: pan, zoom, fold, search, cards, and steps. All text comes from `data`.
(async () => {
  const $ = (id) => document.getElementById(id);
  const stage = $("stage");

  async function inflated(text) {
    const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
    const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
    return new Response(stream).text();
  }

  let data = JSON.parse($("data").textContent);
  if (typeof data === "string") data = JSON.parse(await inflated(data));

  // ------------------------------------------------------------------------------------ the picture and its groups
  let svg, whole, seen, state = null; // the ids of the groups that are shut
  const key = (shut) => [...shut].sort().join(" ");
  const ids = (text) => text.split(" ").filter(Boolean);

  function show(wanted) {
    const exact = wanted in data.pictures || wanted === data.start;
    if (state !== null || !stage.querySelector("svg")) {
      const text = data.pictures[exact ? wanted : data.open];
      const made = new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
      stage.replaceChildren(document.importNode(made, true));
    }
    state = wanted;
    svg = stage.querySelector("svg");
    whole = svg.viewBox.baseVal;
    whole = { x: 0, y: 0, width: whole.width, height: whole.height };
    svg.setAttribute("role", "group");
    svg.setAttribute("aria-label", document.title);
    svg.querySelector("title").remove();
    if (!exact) empty(new Set(ids(wanted)));
    for (const node of svg.querySelectorAll(".node, .cluster")) {
      const group = data.groups[node.id];
      node.setAttribute("tabindex", "0");
      node.setAttribute("role", group ? "button" : "img");
      node.setAttribute("aria-label", group ? group.title : data.cards[node.id][0]);
      if (group) node.setAttribute("aria-expanded", node.matches(".cluster:not(.closed)"));
    }
    fit();
    find();
    mark();
  }

  // A state that is not in the page is the open picture with these groups emptied, at the same places.
  function empty(shut) {
    const inside = (group) => group && (shut.has(group) || inside(data.groups[group].parent));
    const gone = new Set();
    for (const node of svg.querySelectorAll(".node")) if (inside(data.cards[node.id][1])) gone.add(node.id);
    for (const node of svg.querySelectorAll(".node, .cluster, .edge")) {
      const { source, target } = node.dataset;
      const hidden = source ? gone.has(source) && gone.has(target) : gone.has(node.id);
      if (hidden || (data.groups[node.id] && inside(data.groups[node.id].parent))) node.remove();
      else if (shut.has(node.id)) node.classList.add("closed");
    }
  }

  function toggle(id) {
    const shut = new Set(ids(state));
    if (!shut.delete(id)) shut.add(id);
    const wanted = key(shut);
    if (!(wanted in data.pictures) && data.open === null) {
      $("count").textContent = "this combination is not in the page: it has too many boxes";
      return;
    }
    show(wanted);
    const node = $(id);
    if (node) node.focus();
  }

  function place(id) { // the box, or the folded group that stands for it
    let found = svg.querySelector(`.node[id="${id}"]`);
    let group = data.cards[id] ? data.cards[id][1] : null;
    while (!found && group) {
      found = svg.querySelector(`.node[id="${group}"], .closed[id="${group}"]`);
      group = data.groups[group]?.parent;
    }
    return found;
  }

  // ------------------------------------------------------------------------------------------------ pan and zoom
  function look(view) {
    seen = view;
    svg.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
  }

  function fit() {
    const box = stage.getBoundingClientRect();
    const scale = Math.max(whole.width / box.width, whole.height / box.height, 1 / 1.6);
    const [width, height] = [box.width * scale, box.height * scale];
    look({ x: (whole.width - width) / 2, y: (whole.height - height) / 2, width, height });
  }

  function settle() { // the stage has changed its shape
    const box = stage.getBoundingClientRect();
    if (box.width) look({ ...seen, height: seen.width * box.height / box.width });
  }

  function zoom(factor, x = seen.x + seen.width / 2, y = seen.y + seen.height / 2) {
    look({
      x: x - (x - seen.x) * factor, y: y - (y - seen.y) * factor,
      width: seen.width * factor, height: seen.height * factor,
    });
  }

  function centre(node) {
    const box = node.getBBox();
    const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
    const inside = x > seen.x && x < seen.x + seen.width && y > seen.y && y < seen.y + seen.height;
    const closer = Math.min(1, 1 / scale()); // so that its text can be read
    const [width, height] = [seen.width * closer, seen.height * closer];
    if (!inside || closer < 0.9) look({ x: x - width / 2, y: y - height / 2, width, height });
  }

  const scale = () => seen.width / stage.getBoundingClientRect().width;
  stage.addEventListener("wheel", (event) => {
    event.preventDefault();
    const box = stage.getBoundingClientRect();
    const at = [seen.x + (event.clientX - box.left) * scale(), seen.y + (event.clientY - box.top) * scale()];
    zoom(Math.exp(event.deltaY * 0.0015), ...at);
  }, { passive: false });

  let drag = null;
  stage.addEventListener("pointerdown", (event) => {
    drag = { x: event.clientX, y: event.clientY, from: seen, moved: false };
  });
  addEventListener("pointermove", (event) => {
    if (!drag) return;
    const [dx, dy] = [event.clientX - drag.x, event.clientY - drag.y];
    drag.moved ||= Math.hypot(dx, dy) > 4;
    if (drag.moved) look({ ...seen, x: drag.from.x - dx * scale(), y: drag.from.y - dy * scale() });
  });
  let dragged = false;
  addEventListener("pointerup", () => {
    dragged = drag !== null && drag.moved;
    drag = null;
  });

  stage.addEventListener("click", (event) => {
    const node = event.target.closest(".node, .cluster");
    if (node && !dragged && data.groups[node.id]) toggle(node.id);
  });

  // ------------------------------------------------------------------------------------------------------- cards
  function card(node) {
    if (!node || !data.cards[node.id]) {
      $("card").hidden = true;
      return;
    }
    const [title, , facts] = data.cards[node.id];
    const [head, list] = [document.createElement("strong"), document.createElement("dl")];
    head.textContent = title;
    for (const [term, text] of facts) {
      const [dt, dd] = [document.createElement("dt"), document.createElement("dd")];
      dt.textContent = term;
      dd.textContent = text;
      list.append(dt, dd);
    }
    $("card").replaceChildren(head, list);
    $("card").hidden = false;
  }
  for (const kind of ["pointerover", "focusin"]) {
    stage.addEventListener(kind, (event) => card(event.target.closest(".node")));
  }

  // ------------------------------------------------------------------------------------------------------ search
  let hits = [], hit = -1;
  function find() {
    for (const node of svg.querySelectorAll(".found")) node.classList.remove("found");
    const text = $("search").value.trim().toLowerCase();
    const found = text ? Object.keys(data.cards).filter((id) => data.cards[id][0].toLowerCase().includes(text)) : [];
    hits = [...new Set(found.map(place).filter(Boolean))];
    hit = -1;
    for (const node of hits) node.classList.add("found");
    $("count").textContent = text ? `${found.length} found` : "";
  }
  $("search").addEventListener("input", find);
  $("search").addEventListener("keydown", (event) => {
    if (event.key === "Enter" && hits.length) {
      hit = (hit + 1) % hits.length;
      centre(hits[hit]);
      card(hits[hit]);
    }
    if (event.key === "Escape") {
      $("search").value = "";
      find();
      stage.focus();
    }
  });

  // ------------------------------------------------------------------------------------------------------- steps
  let now = -1;
  const steps = () => (data.steps ? data.steps[$("way").value] : []);

  function mark() {
    for (const node of svg.querySelectorAll(".now, .reached")) node.classList.remove("now", "reached");
    const step = steps()[now];
    $("steps").hidden = !step;
    settle();
    if (!step) return;
    $("step").textContent = `step ${now + 1} of ${steps().length}\n${step.text}`;
    const so = new Map();
    for (const { sums } of steps().slice(0, now + 1)) for (const sum of sums) so.set(sum[0], sum);
    $("sums").replaceChildren(...[...so.values()].map(([id, text, arrived, of]) => {
      const line = document.createElement("li");
      line.dataset.source = id;
      line.textContent = `${text}, ${arrived} of ${of} arrived`;
      return line;
    }));
    const node = place(step.box);
    if (!node) return;
    node.classList.add("now");
    for (const edge of svg.querySelectorAll(`.edge[data-target="${node.id}"]:not(.pair)`)) {
      const backward = $("way").value === "backward";
      if (!backward || !edge.classList.contains("nograd")) edge.classList.add("reached");
    }
    centre(node);
  }

  function go(by) {
    now = Math.max(-1, Math.min(steps().length - 1, now + by));
    mark();
  }

  // ------------------------------------------------------------------------------------------- buttons and keys
  const actions = {
    in: () => zoom(1 / 1.25), out: () => zoom(1.25), fit, next: () => go(1), previous: () => go(-1),
    open: () => show(data.open), shut: () => show(data.shut),
  };
  for (const [id, action] of Object.entries(actions)) $(id).addEventListener("click", action);
  $("way").addEventListener("change", () => {
    now = -1;
    mark();
  });
  const keys = {
    "+": actions.in, "=": actions.in, "-": actions.out, 0: fit, ArrowRight: actions.next, " ": actions.next,
    ArrowLeft: actions.previous, "/": () => $("search").focus(), Escape: () => card(null),
  };
  addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, button")) return;
    const node = event.target.closest(".node, .cluster");
    const opens = node && data.groups[node.id] && (event.key === "Enter" || event.key === " ");
    const action = opens ? () => toggle(node.id) : keys[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
  new ResizeObserver(settle).observe(stage);

  document.body.classList.add("live");
  $("tools").hidden = false;
  $("stepping").hidden = !data.steps;
  $("folding").hidden = !Object.keys(data.groups).length;
  $("open").hidden = data.open === null;
  show(data.start);
  document.body.dataset.ready = "yes";
})();
