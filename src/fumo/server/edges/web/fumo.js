// Keeps the page as it is on the server: on news the same page is fetched again, and only the
// parts that differ are put in. Opened entries stay open, and times are told in local time.
"use strict";

const live = document.getElementById("live");
const clock = new Intl.DateTimeFormat([], { timeStyle: "medium", hourCycle: "h23" });
const day = new Intl.DateTimeFormat([], { dateStyle: "medium", timeStyle: "short" });
let busy = false;
let again = false;

function localTimes(root) {
  for (const time of root.querySelectorAll("time[datetime]")) {
    const at = new Date(time.dateTime);
    const today = at.toDateString() === new Date().toDateString();
    let text = today || time.dataset.precise !== undefined ? clock.format(at) : day.format(at);
    if (time.dataset.precise !== undefined) {
      text += "." + String(at.getMilliseconds()).padStart(3, "0");
    }
    time.textContent = text;
    time.title = at.toString();
  }
}

function put(fresh) {
  for (const part of document.querySelectorAll("[data-live]")) {
    const next = fresh.getElementById(part.id);
    if (!next || next.innerHTML === part.dataset.was) {
      continue;
    }
    const was = next.innerHTML;
    for (const open of part.querySelectorAll("details[open]")) {
      const same = next.querySelector("#" + CSS.escape(open.id));
      if (same) {
        same.open = true;
      }
    }
    localTimes(next);
    next.dataset.was = was;
    const held = part.contains(document.activeElement) ? document.activeElement : null;
    part.replaceWith(next);
    if (held) {
      refocus(next, held);
    }
  }
}

// Who works by keyboard stays where they were: at the same button, link or entry.
function refocus(part, held) {
  const same = (one) => one.tagName === held.tagName && one.textContent === held.textContent;
  const found = [...part.querySelectorAll("a, button, summary, pre")].find(same);
  if (found) {
    found.focus({ preventScroll: true });
  }
}

async function refresh() {
  if (busy) {
    again = true;
    return;
  }
  busy = true;
  try {
    const answer = await fetch(location.href, { cache: "no-store" });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    if (fresh.querySelector("form[action='/login']")) {
      location.reload();  // the visit is over
    } else if (answer.ok) {
      put(fresh);
    }
  } catch {
    say("lost", "connection lost");
  }
  busy = false;
  if (again) {
    again = false;
    refresh();
  }
}

function say(state, words) {
  live.className = "live " + state;
  live.querySelector("span").textContent = words;
}

for (const part of document.querySelectorAll("[data-live]")) {
  part.dataset.was = part.innerHTML;
}
localTimes(document);

if (document.querySelector("[data-live]")) {
  live.hidden = false;
  const source = new EventSource("/events");
  source.addEventListener("open", () => {
    say("on", "live");
    refresh();
  });
  source.addEventListener("news", refresh);
  source.addEventListener("error", () => say("lost", "connection lost"));
}
