#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

#include "bot/console/api.h"

namespace bot::console {

/// What a call about the program's operation asks for. Each function throws Refusal 400 where that makes no
/// sense.
class Asked {
 public:
  /// `names` are those that may stand in the query.
  Asked(const Call& call, std::initializer_list<std::string_view> names);

  /// The value; empty where it is missing.
  std::string text(const std::string& name) const;
  int limit() const;
  /// The id that the list goes on below.
  std::int64_t cursor() const;

 private:
  const Call& call_;
};

/// The body, an object with no other members than these.
nlohmann::json body_of(const Call& call, std::initializer_list<std::string_view> members);

/// {"items": […], "next": …}; `next` where the list may go on.
base::HttpResponse list_of(nlohmann::json items, std::optional<std::int64_t> next = {});

/// What somebody did in the console, for the log of changes; in the transaction in which it is done. `what`
/// is a resource and a verb ("person.role"), `scope` what it was done to ("person tg:1").
void record(const Call& call, const std::string& what, const std::string& scope, const nlohmann::json& before,
            const nlohmann::json& after);

/// Throws Refusal 403 for less than an admin.
void require_admin(const Call& call);

/// 204.
base::HttpResponse done();

}  // namespace bot::console
