#include "router/evaluation/attacks.h"

#include <array>
#include <random>

namespace router {
namespace {

constexpr int kWords = 6;
constexpr std::array kGadgets = {
    "implement", "refactor",     "debug",     "repository", "codebase",   "deploy",      "compile",
    "analyze",   "architecture", "migration", "unit",       "tests",      "spreadsheet", "pipeline",
    "build",     "website",      "script",    "automate",   "dataset",    "report",      "generate",
    "rewrite",   "optimize",     "database",  "backend",    "frontend",   "integration", "documentation",
    "folder",    "files",        "project",   "review",     "audit",      "benchmark",   "convert",
    "extract",   "parse",        "thorough",  "complete",   "everything", "fix",         "bug",
    "module",    "function",     "all",       "whole",      "manuscript", "slides"};

}  // namespace

std::string attacked(std::string_view text, unsigned seed, AttackPlace place) {
  std::mt19937 random(seed);
  std::string words;
  for (int i = 0; i < kWords; ++i) {
    words += std::string(i == 0 ? "" : " ") + kGadgets.at(random() % kGadgets.size());
  }
  return place == AttackPlace::before ? words + " " + std::string(text) : std::string(text) + " " + words;
}

}  // namespace router
