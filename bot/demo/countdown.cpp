#include "bot/demo/scripts.h"

namespace bot::demo {
namespace {

constexpr std::string_view kDawn = R"css(/* theme: dawn */
:root {
  --ground: #fff7f0;
  --glow-1: #ffd9c7;
  --glow-2: #ffe9b8;
  --glow-3: #f6d5f2;
  --card: rgba(255, 255, 255, .62);
  --edge: rgba(255, 255, 255, .9);
  --shadow: rgba(190, 110, 90, .16);
  --text: #3a2430;
  --muted: #8d6f78;
  --accent-1: #ff5e62;
  --accent-2: #ff9f43;
})css";

constexpr std::string_view kDark = R"css(/* theme: dark */
:root {
  --ground: #0b0d17;
  --glow-1: #2b1d52;
  --glow-2: #0f3a52;
  --glow-3: #3b1638;
  --card: rgba(255, 255, 255, .06);
  --edge: rgba(255, 255, 255, .12);
  --shadow: rgba(0, 0, 0, .45);
  --text: #f4f2ff;
  --muted: #9d9bb8;
  --accent-1: #a78bfa;
  --accent-2: #f0abfc;
})css";

constexpr std::string_view kBlue = R"css(/* theme: blue */
:root {
  --ground: #eef6ff;
  --glow-1: #c3defd;
  --glow-2: #c9f2f7;
  --glow-3: #cfd6fb;
  --card: rgba(255, 255, 255, .62);
  --edge: rgba(255, 255, 255, .9);
  --shadow: rgba(40, 90, 170, .16);
  --text: #12294a;
  --muted: #58739b;
  --accent-1: #1d6fe8;
  --accent-2: #12b5d6;
})css";

constexpr std::string_view kGreen = R"css(/* theme: green */
:root {
  --ground: #f1faf3;
  --glow-1: #c4ecd0;
  --glow-2: #e3f4bd;
  --glow-3: #bfe9e1;
  --card: rgba(255, 255, 255, .62);
  --edge: rgba(255, 255, 255, .9);
  --shadow: rgba(40, 120, 80, .16);
  --text: #15321f;
  --muted: #56795f;
  --accent-1: #12934f;
  --accent-2: #7cb518;
})css";

constexpr std::string_view kRed = R"css(/* theme: red */
:root {
  --ground: #fff3f1;
  --glow-1: #ffc9c2;
  --glow-2: #ffdcd0;
  --glow-3: #fbc4d3;
  --card: rgba(255, 255, 255, .62);
  --edge: rgba(255, 255, 255, .9);
  --shadow: rgba(170, 40, 40, .16);
  --text: #40151a;
  --muted: #93656a;
  --accent-1: #d7263d;
  --accent-2: #f46036;
})css";

constexpr std::string_view kPurple = R"css(/* theme: purple */
:root {
  --ground: #f8f3ff;
  --glow-1: #dccbff;
  --glow-2: #f5ccf3;
  --glow-3: #cfd4ff;
  --card: rgba(255, 255, 255, .62);
  --edge: rgba(255, 255, 255, .9);
  --shadow: rgba(100, 60, 170, .16);
  --text: #2a1a45;
  --muted: #756592;
  --accent-1: #7c3aed;
  --accent-2: #d946ef;
})css";

constexpr std::string_view kBeforeTheme = R"html(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>New Year countdown</title>
<style>
)html";

constexpr std::string_view kAfterTheme = R"html(
* { box-sizing: border-box; margin: 0; }
body {
  min-height: 100vh; display: grid; place-items: center; padding: 4vmin; overflow: hidden;
  font-family: ui-rounded, "Segoe UI", "Helvetica Neue", system-ui, sans-serif; color: var(--text);
  background: radial-gradient(60vmax 60vmax at 12% 8%, var(--glow-1), transparent 70%),
              radial-gradient(55vmax 55vmax at 92% 18%, var(--glow-2), transparent 70%),
              radial-gradient(70vmax 60vmax at 55% 115%, var(--glow-3), transparent 70%), var(--ground);
}
canvas { position: fixed; inset: 0; width: 100%; height: 100%; pointer-events: none; }
main { position: relative; width: min(58rem, 100%); text-align: center; }
.small { letter-spacing: .35em; text-transform: uppercase; font-size: .8rem; color: var(--muted); }
h1 {
  margin: .12em 0 .35em; font-size: clamp(4.5rem, 19vw, 12rem); line-height: 1; font-weight: 800;
  letter-spacing: -.04em; font-variant-numeric: tabular-nums;
  background: linear-gradient(100deg, var(--accent-1), var(--accent-2)); color: transparent;
  -webkit-background-clip: text; background-clip: text;
}
.clock { display: grid; grid-template-columns: repeat(4, 1fr); gap: clamp(.5rem, 2vw, 1.25rem); }
.unit {
  padding: clamp(.9rem, 3vw, 1.8rem) .25rem; border-radius: 1.25rem; background: var(--card);
  border: 1px solid var(--edge); box-shadow: 0 1.2rem 3rem var(--shadow); backdrop-filter: blur(14px);
}
.unit b { display: block; font-size: clamp(1.9rem, 8vw, 4.4rem); font-weight: 700; line-height: 1.1; font-variant-numeric: tabular-nums; }
.unit span { font-size: clamp(.65rem, 2vw, .9rem); color: var(--muted); }
.year { margin: clamp(1.4rem, 5vh, 2.6rem) auto .7rem; height: .5rem; border-radius: 1rem; background: var(--card); border: 1px solid var(--edge); overflow: hidden; }
.year i { display: block; height: 100%; width: 0; border-radius: 1rem; background: linear-gradient(90deg, var(--accent-1), var(--accent-2)); }
.note { color: var(--muted); font-size: .95rem; }
.party h1 { animation: beat 1.2s ease-in-out infinite; }
@keyframes beat { 50% { transform: scale(1.04); } }
@media (prefers-reduced-motion: reduce) { .party h1 { animation: none; } }
@media (max-width: 26rem) { .clock { grid-template-columns: repeat(2, 1fr); } }
</style>
</head>
<body>
<canvas id="sky" aria-hidden="true"></canvas>
<main>
  <p class="small" id="lead">Counting down to</p>
  <h1 id="year">&nbsp;</h1>
  <div class="clock" role="timer" aria-label="Time until New Year">
    <div class="unit"><b id="days">0</b><span>days</span></div>
    <div class="unit"><b id="hours">00</b><span>hours</span></div>
    <div class="unit"><b id="minutes">00</b><span>minutes</span></div>
    <div class="unit"><b id="seconds">00</b><span>seconds</span></div>
  </div>
  <div class="year"><i id="progress"></i></div>
  <p class="note" id="note"></p>
</main>
<script>
"use strict";
const $ = id => document.getElementById(id);
const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
const two = n => String(n).padStart(2, "0");

// The first hours of 1 January are the party; otherwise it counts to the next one, in the visitor's own time zone.
const PARTY_HOURS = 12;

function tick() {
  const now = new Date();
  const party = now.getMonth() === 0 && now.getDate() === 1 && now.getHours() < PARTY_HOURS;
  const target = party ? now.getFullYear() : now.getFullYear() + 1;
  const left = party ? 0 : Math.ceil((new Date(target, 0, 1) - now) / 1000);
  $("lead").textContent = party ? "Happy New Year" : "Counting down to";
  $("year").textContent = target;
  $("days").textContent = Math.floor(left / 86400);
  $("hours").textContent = two(Math.floor(left / 3600) % 24);
  $("minutes").textContent = two(Math.floor(left / 60) % 60);
  $("seconds").textContent = two(left % 60);
  const start = new Date(now.getFullYear(), 0, 1), end = new Date(now.getFullYear() + 1, 0, 1);
  const gone = (now - start) / (end - start);
  $("progress").style.width = (gone * 100).toFixed(3) + "%";
  $("note").textContent = party ? "A good year to you!" : (gone * 100).toFixed(1) + " % of " + now.getFullYear() + " is behind us";
  document.body.classList.toggle("party", party);
  setTimeout(tick, 1000 - (Date.now() % 1000));
}
tick();

// Slow sparks; in the party they are confetti.
if (!calm) {
  const sky = $("sky"), pen = sky.getContext("2d");
  const style = getComputedStyle(document.documentElement);
  const colours = ["--accent-1", "--accent-2", "--glow-2"].map(name => style.getPropertyValue(name).trim());
  const sparks = Array.from({ length: 70 }, () => ({
    x: Math.random(), y: Math.random(), size: 1 + Math.random() * 2.6, speed: .2 + Math.random(),
    colour: colours[Math.floor(Math.random() * colours.length)], phase: Math.random() * 6.3,
  }));
  const fit = () => { sky.width = innerWidth; sky.height = innerHeight; };
  addEventListener("resize", fit);
  fit();
  (function draw(time) {
    const party = document.body.classList.contains("party");
    pen.clearRect(0, 0, sky.width, sky.height);
    for (const spark of sparks) {
      spark.y = (spark.y + (party ? .004 : -.0003) * spark.speed + 1) % 1;
      pen.globalAlpha = party ? .95 : .25 + .3 * Math.sin(time / 900 + spark.phase) ** 2;
      pen.fillStyle = spark.colour;
      const size = party ? spark.size * 3 : spark.size;
      const x = (spark.x + .01 * Math.sin(time / 1400 + spark.phase)) * sky.width;
      pen.beginPath();
      if (party) pen.rect(x, spark.y * sky.height, size, size * 1.6);
      else pen.arc(x, spark.y * sky.height, size, 0, 6.3);
      pen.fill();
    }
    requestAnimationFrame(draw);
  })(0);
}
</script>
</body>
</html>
)html";

}  // namespace

std::string_view theme_css(Theme theme) {
  switch (theme) {
    case Theme::dawn:
      return kDawn;
    case Theme::dark:
      return kDark;
    case Theme::blue:
      return kBlue;
    case Theme::green:
      return kGreen;
    case Theme::red:
      return kRed;
    case Theme::purple:
      return kPurple;
  }
  return kDawn;
}

std::string_view theme_name(Theme theme) {
  switch (theme) {
    case Theme::dawn:
      return "light";
    case Theme::dark:
      return "dark";
    case Theme::blue:
      return "blue";
    case Theme::green:
      return "green";
    case Theme::red:
      return "red";
    case Theme::purple:
      return "purple";
  }
  return "light";
}

std::string countdown_page(Theme theme) {
  std::string page(kBeforeTheme);
  page.append(theme_css(theme)).append(kAfterTheme);
  return page;
}

}  // namespace bot::demo
