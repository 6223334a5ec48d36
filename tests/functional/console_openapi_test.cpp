// The description of the console's API, held against the program that serves it.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "tests/support/json_schema.h"
#include "tests/support/program/console_desk.h"

using nlohmann::json;
using support::propose;

namespace {

/// Every path with what stands in its places filled in by the description's own examples.
class DescribedDesk : public support::ConsoleDesk {
 public:
  DescribedDesk() {
    model.secretary("surely", {propose("high", "site", "Build it.")});
    start();
    answer_to(say({"what time is it?"}));
    say({"surely build it"});
    dispatch("d-1", "**Done");
    sign_in();
    document = get("/openapi.json");
  }

  static std::string filled(std::string path, const json& operation) {
    std::string query;
    for (const auto& parameter : operation.value("parameters", json::array())) {
      const auto name = parameter.value("name", "");
      const auto example = parameter.value("example", json("1"));
      const auto text = example.is_string() ? example.get<std::string>() : example.dump();
      if (parameter.value("in", "") == "path") {
        path.replace(path.find("{" + name + "}"), name.size() + 2, text);
      } else if (parameter.value("required", false)) {
        query += (query.empty() ? "?" : "&") + name + "=" + text;
      }
    }
    return path + query;
  }

  /// Something that fits the schema, with the members that must be there.
  json sample(const json& schema) const {
    if (schema.contains("$ref")) {
      return sample(document.at(json::json_pointer(schema.at("$ref").get<std::string>().substr(1))));
    }
    if (schema.contains("enum")) {
      return schema.at("enum").at(0);
    }
    const auto type = schema.value("type", json("object"));
    const auto name = type.is_array() ? type.at(0).get<std::string>() : type.get<std::string>();
    if (name == "object") {
      auto object = json::object();
      for (const auto& member : schema.value("required", json::array())) {
        object[member.get<std::string>()] = sample(schema.at("properties").at(member.get<std::string>()));
      }
      return object;
    }
    return name == "string"    ? json("1")
           : name == "boolean" ? json(true)
           : name == "array"   ? json::array()
                               : json(1);
  }

  /// Calls it and holds what comes against what is described for that status.
  void check(const std::string& method, const std::string& path, const json& operation) const {
    CAPTURE(method);
    CAPTURE(path);
    const auto& responses = operation.at("responses");
    if (responses.contains("200") &&
        responses["200"].value("content", json::object()).contains("text/event-stream")) {
      return;
    }
    std::string body;
    if (operation.contains("requestBody")) {
      const auto content = operation["requestBody"]["content"].value("application/json", json::object());
      body =
          (content.contains("example") ? content["example"] : sample(content.value("schema", json::object())))
              .dump();
    }
    const auto answer = ask(method, filled(path, operation), body);
    const auto status = std::to_string(answer.status);
    CHECK_MESSAGE(responses.contains(status), status << " is not described: " << answer.body);
    if (!responses.contains(status)) {
      return;
    }
    const auto type = answer.content_type.substr(0, answer.content_type.find(';'));
    const auto content = responses[status].value("content", json::object());
    if (content.empty()) {
      return;
    }
    CHECK_MESSAGE(content.contains(type), type << " is not described");
    if (content.contains(type) && type == "application/json" && content[type].contains("schema")) {
      const auto found = support::JsonSchema(document).problems(content[type]["schema"],
                                                                json::parse(answer.body, nullptr, false));
      CHECK_MESSAGE(found.empty(), (found.empty() ? "" : found.front()));
      const auto more = support::JsonSchema(document).undescribed(content[type]["schema"],
                                                                  json::parse(answer.body, nullptr, false));
      CHECK_MESSAGE(more.empty(), (more.empty() ? "" : more.front() + " is not described"));
    }
  }

  void check_all(bool changes) {
    for (const auto& [path, operations] : document.at("paths").items()) {
      for (const auto& [method, operation] : operations.items()) {
        auto upper = method;
        std::transform(upper.begin(), upper.end(), upper.begin(),
                       [](char c) { return static_cast<char>(std::toupper(c)); });
        if ((upper != "GET") == changes) {
          if (changes) {
            sign_in();  // one of them signs out
          }
          check(upper, path, operation);
        }
      }
    }
  }

  json document;
};

}  // namespace

TEST_CASE("every path and method of the description answers as it says") {
  DescribedDesk desk;
  CHECK(desk.document.at("paths").size() > 15);
  desk.check_all(false);
  desk.check_all(true);
}
