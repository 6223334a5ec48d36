#include "tests/support/disk/written_files.h"

#include <algorithm>

#include "tests/support/files.h"

namespace support {
namespace {

constexpr std::size_t kSector = 512;

std::size_t size_of(std::int64_t offset) {
  return static_cast<std::size_t>(offset);
}

}  // namespace

void WrittenFiles::found(const std::string& file, std::string content, bool named) {
  auto& entry = files_[file];
  auto ghost = std::move(entry.ghost);
  entry = {std::move(content), {}, named, true, std::move(ghost)};
}

void WrittenFiles::wrote(const std::string& file, std::int64_t offset, std::string_view bytes) {
  files_.at(file).pending.push_back({offset, std::string(bytes)});
}

void WrittenFiles::truncated(const std::string& file, std::int64_t size) {
  files_.at(file).pending.push_back({size, {}, true});
}

void WrittenFiles::removed(const std::string& file) {
  auto& entry = files_.at(file);
  if (entry.named) {
    entry.ghost = entry.durable;
  }
  entry.there = entry.named = false;
  entry.pending.clear();
}

void WrittenFiles::synced(const std::string& file) {
  auto& entry = files_.at(file);
  for (const auto& change : entry.pending) {
    apply(entry.durable, change);
  }
  entry.pending.clear();
}

void WrittenFiles::synced_names() {
  std::erase_if(files_, [](const auto& entry) { return !entry.second.there; });
  for (auto& [name, file] : files_) {
    file.named = true;
    file.ghost.reset();
  }
}

bool WrittenFiles::all_synced() const {
  return std::all_of(files_.begin(), files_.end(), [](const auto& entry) {
    return entry.second.pending.empty() && entry.second.named == entry.second.there;
  });
}

void WrittenFiles::apply(std::string& content, const Change& change) {
  const auto at = size_of(change.offset);
  if (change.is_truncation) {
    content.resize(at);
    return;
  }
  content.resize(std::max(content.size(), at + change.bytes.size()));
  content.replace(at, change.bytes.size(), change.bytes);
}

/// Sector by sector: the old one, the new one, or what a head wrote that lost its power.
void WrittenFiles::apply_torn(std::string& content, const Change& change, std::mt19937& random) {
  for (std::size_t at = 0; at < change.bytes.size();) {
    const auto from = size_of(change.offset) + at;
    const auto length = std::min(kSector - from % kSector, change.bytes.size() - at);
    const auto fate = random() % 8;
    if (fate < 4) {
      apply(content, {static_cast<std::int64_t>(from), change.bytes.substr(at, length)});
    } else if (fate == 4) {
      std::string rubbish(length, '\0');
      std::generate(rubbish.begin(), rubbish.end(), [&] { return static_cast<char>(random()); });
      apply(content, {static_cast<std::int64_t>(from), rubbish});
    }
    at += length;
  }
}

std::optional<std::string> WrittenFiles::left_of(const File& file, Left left, std::mt19937& random) {
  const bool by_chance = left == Left::chance;
  const auto flip = [&] { return (random() & 1U) != 0; };
  const bool there = file.there && (left == Left::all || file.named || (by_chance && flip()));
  if (!there) {
    return file.ghost && left != Left::all && (!by_chance || flip()) ? file.ghost : std::nullopt;
  }
  auto content = file.durable;
  // The first few and no more; the last few without those before them; whatever happens.
  const auto way = random() % 3;
  const auto border = file.pending.empty() ? 0 : random() % (file.pending.size() + 1);
  for (std::size_t i = 0; i < file.pending.size(); ++i) {
    const auto& change = file.pending.at(i);
    if (left == Left::all) {
      apply(content, change);
      continue;
    }
    if (left == Left::none || (way == 0 && i > border) || (way == 1 && i < border) || (way == 2 && flip())) {
      continue;
    }
    const bool torn = !change.is_truncation && ((way == 0 && i == border) || random() % 4 == 0);
    torn ? apply_torn(content, change, random) : apply(content, change);
  }
  return content;
}

void WrittenFiles::leave(const std::filesystem::path& to, Left left, std::mt19937& random) const {
  std::filesystem::create_directories(to);
  for (const auto& [name, file] : files_) {
    if (const auto content = left_of(file, left, random)) {
      write_text(to / name, *content);
    }
  }
}

}  // namespace support
