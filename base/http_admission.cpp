#include "base/http_admission.h"

#include <algorithm>

#include "base/network.h"

namespace base {

void HttpAdmission::add(int fd, const std::string& address) {
  const bool is_proxy =
      std::find(limits_.proxies.begin(), limits_.proxies.end(), address) != limits_.proxies.end();
  entries_[fd] = {Kind::busy, 0, is_proxy ? "proxy " + address : network_of(address),
                  is_proxy ? limits_.incomplete_per_proxy : limits_.incomplete_per_address};
  become(fd, Kind::incomplete);
}

void HttpAdmission::become(int fd, Kind kind) {
  auto& entry = entries_.at(fd);
  unlist(fd, entry);
  entry.kind = kind;
  entry.age = next_age_++;
  if (kind == Kind::idle) {
    idle_.emplace(entry.age, fd);
  } else if (kind == Kind::incomplete) {
    incomplete_.emplace(entry.age, fd);
    by_network_[entry.network].emplace(entry.age, fd);
  }
}

void HttpAdmission::remove(int fd) {
  if (const auto it = entries_.find(fd); it != entries_.end()) {
    unlist(fd, it->second);
    entries_.erase(it);
  }
}

std::optional<int> HttpAdmission::surplus(int newest) const {
  const auto& entry = entries_.at(newest);
  if (const auto it = by_network_.find(entry.network);
      it != by_network_.end() && it->second.size() > entry.limit && it->second.begin()->second != newest) {
    return it->second.begin()->second;
  }
  return entries_.size() > limits_.connections ? oldest() : std::nullopt;
}

std::optional<int> HttpAdmission::oldest() const {
  const auto& ages = idle_.empty() ? incomplete_ : idle_;
  return ages.empty() ? std::nullopt : std::optional(ages.begin()->second);
}

void HttpAdmission::unlist(int fd, const Entry& entry) {
  if (entry.kind == Kind::idle) {
    idle_.erase({entry.age, fd});
  } else if (entry.kind == Kind::incomplete) {
    incomplete_.erase({entry.age, fd});
    const auto it = by_network_.find(entry.network);
    it->second.erase({entry.age, fd});
    if (it->second.empty()) {
      by_network_.erase(it);
    }
  }
}

}  // namespace base
