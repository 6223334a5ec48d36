#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

namespace base {

/// Which connections there are, and which has to go for a new one. No I/O. Thread rule: one thread at a time.
class HttpAdmission {
 public:
  struct Limits {
    std::size_t connections;
    std::size_t incomplete_per_address;
    std::size_t incomplete_per_proxy;
    std::vector<std::string> proxies;
  };
  enum class Kind {
    incomplete,  ///< it has sent no request yet, or a part of one
    idle,        ///< it waits for its next request
    busy         ///< everything else; never chosen to go
  };

  explicit HttpAdmission(Limits limits) : limits_(std::move(limits)) {}

  /// A new connection, incomplete. `address`: whoever really connects.
  void add(int fd, const std::string& address);
  /// From now on it is the newest of that kind. The fd must have been added.
  void become(int fd, Kind kind);
  void remove(int fd);

  /// The connection that has to be closed because there are too many: the oldest incomplete one of the
  /// address that has more than its share, else the oldest idle one, else the oldest incomplete one; which is
  /// the newest only where all others are busy.
  std::optional<int> surplus(int newest) const;
  /// Whichever would go first.
  std::optional<int> oldest() const;
  using Ages = std::set<std::pair<std::uint64_t, int>>;
  /// Those that have not sent their request, the oldest first; the second of each pair is the fd.
  const Ages& incomplete() const { return incomplete_; }

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Kind kind = Kind::busy;
    std::uint64_t age = 0;
    std::string network;
    std::size_t limit = 0;
  };

  void unlist(int fd, const Entry& entry);

  const Limits limits_;
  std::uint64_t next_age_ = 0;
  std::unordered_map<int, Entry> entries_;
  Ages idle_;
  Ages incomplete_;
  std::unordered_map<std::string, Ages> by_network_;  ///< of incomplete_
};

}  // namespace base
