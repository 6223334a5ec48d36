#include "router/evaluation/attacks.h"

#include <random>

namespace router {
namespace {

constexpr int kAdded = 6;
const std::vector<std::string>& known() {
  static const std::vector<std::string> kWords = {
      "implement", "refactor",     "debug",     "repository", "codebase",   "deploy",      "compile",
      "analyze",   "architecture", "migration", "unit",       "tests",      "spreadsheet", "pipeline",
      "build",     "website",      "script",    "automate",   "dataset",    "report",      "generate",
      "rewrite",   "optimize",     "database",  "backend",    "frontend",   "integration", "documentation",
      "folder",    "files",        "project",   "review",     "audit",      "benchmark",   "convert",
      "extract",   "parse",        "thorough",  "complete",   "everything", "fix",         "bug",
      "module",    "function",     "all",       "whole",      "manuscript", "slides"};
  return kWords;
}

const std::vector<std::string>& unknown() {
  static const std::vector<std::string> kWords = {
      "prove",       "theorem",   "kernel",    "simulate",   "algorithm",  "reverse",   "engineer",
      "exploit",     "draft",     "chapter",   "thesis",     "chart",      "forecast",  "regression",
      "model",       "train",     "annotate",  "transcribe", "subtitle",   "blueprint", "floorplan",
      "inventory",   "reconcile", "ledger",    "payroll",    "curriculum", "syllabus",  "workbook",
      "brochure",    "catalogue", "prototype", "wireframe",  "mockup",     "firmware",  "driver",
      "scheduler",   "crawler",   "scraper",   "parser",     "plugin",     "dashboard", "chatbot",
      "simulator",   "profiling", "threading", "recursion",  "cluster",    "container", "orchestrate",
      "provision",   "terraform", "encrypt",   "decrypt",    "index",      "embed",     "summarise",
      "restructure", "overhaul",  "redesign",  "polish",     "proofread",  "typeset",   "illustrate"};
  return kWords;
}

}  // namespace

std::string attacked_with(const std::vector<std::string>& words, std::string_view text, unsigned seed,
                          AttackPlace place) {
  std::mt19937 random(seed);
  std::string added;
  for (int i = 0; i < kAdded; ++i) {
    added += (i == 0 ? "" : " ") + words.at(random() % words.size());
  }
  return place == AttackPlace::before ? added + " " + std::string(text) : std::string(text) + " " + added;
}

std::string attacked(std::string_view text, unsigned seed, AttackPlace place, AttackWords words) {
  return attacked_with(words == AttackWords::known ? known() : unknown(), text, seed, place);
}

}  // namespace router
