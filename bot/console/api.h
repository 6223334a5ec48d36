#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/http.h"
#include "bot/console/caller.h"
#include "bot/runtime/services.h"
#include "store/database.h"

namespace bot::console {

/// Thrown by a handler: the answer is {"error": sentence} with this status.
struct Refusal {
  int status;
  std::string sentence;
};

/// One request as its handler sees it; all of it outlives the handler.
struct Call {
  const base::HttpRequest& request;
  const Caller& caller;
  const std::vector<std::string>& ids;  ///< what stood in the places of "{…}"
  store::Database& db;
  runtime::Services& services;
};

/// Whether a handler may take long: it calls a model, or goes through the whole log.
enum class Pace {
  quick,
  slow  ///< it is given a connection of its own, so that no other call waits for it
};

/// One operation of the API. The request that reaches a handler is signed in, of a caller who has the role,
/// and, where it changes something, has proven that it comes from our own page.
struct Route {
  std::string_view method;
  std::string_view path;  ///< below /api/v1: "/decisions/{id}/verdict"; "{id}" is one segment, decoded
  Role least;
  std::function<base::HttpResponse(const Call&)> handler;
  Pace pace = Pace::quick;
};

class Events;

/// 405, with the methods that there are: "GET, HEAD".
base::HttpResponse wrong_method(const std::string& allowed);

/// /api/v1: what the console reads and changes. Thread rule: handle() is called from many threads at once.
class Api {
 public:
  /// `db` is the API's own; quick handlers go one behind the other, and behind nothing else.
  Api(runtime::Services& services, store::Database db);

  ~Api();
  /// From now on open pages are told of what changes, by `publish` (base::HttpServer::publish), which must
  /// outlive this. Called once, where there is a CommitGroup.
  void tell_changes(std::function<void(const std::string& topic, std::string_view json)> publish);

  /// `path` begins behind "/api/v1". 404, 405, 403 and what a handler refuses are answered here; other
  /// exceptions pass.
  base::HttpResponse handle(const base::HttpRequest& request, std::string_view path, const Caller& caller);
  const std::vector<Route>& routes() const { return routes_; }

 private:
  runtime::Services& services_;
  base::Guarded<store::Database> db_;
  std::vector<Route> routes_;
  std::unique_ptr<Events> events_;
};

}  // namespace bot::console
