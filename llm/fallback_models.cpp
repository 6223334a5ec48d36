#include "llm/fallback_models.h"

#include <algorithm>
#include <exception>
#include <numeric>
#include <optional>
#include <string>
#include <utility>

#include "base/guarded.h"
#include "base/log.h"

namespace llm {
namespace {

using std::chrono::steady_clock;

constexpr std::chrono::seconds kFirstRest{30};
constexpr std::chrono::seconds kLongestRest{300};

bool is_down(ModelError::Kind kind) {
  return kind == ModelError::Kind::unreachable || kind == ModelError::Kind::overloaded ||
         kind == ModelError::Kind::out_of_credit;
}

/// What a model wants back goes to itself alone: it is kept with the number of the model in front.
std::string marked(std::size_t which, const std::string& as_received) {
  return std::to_string(which) + "\n" + as_received;
}

std::string unmarked(std::size_t which, const std::string& marked) {
  const auto mark = std::to_string(which) + "\n";
  return marked.starts_with(mark) ? marked.substr(mark.size()) : std::string();
}

class FallbackModels final : public ChatModel {
 public:
  FallbackModels(std::vector<std::unique_ptr<ChatModel>> models,
                 std::function<steady_clock::time_point()> now)
      : models_(std::move(models)), now_(std::move(now)), states_(std::vector<State>(models_.size())) {}

  Completion complete(const ChatRequest& request, std::stop_token stop) override {
    std::exception_ptr first;
    for (const auto which : order(request)) {
      try {
        auto completion = ask(which, request, stop);
        note_up(which);
        return completion;
      } catch (const ModelError& error) {
        if (!is_down(error.kind)) {
          throw;
        }
        note_down(which, error);
        if (!first) {
          first = std::current_exception();
        }
      }
    }
    std::rethrow_exception(first);
  }

  std::string provider() const override { return models_.front()->provider(); }
  std::string model() const override { return models_.front()->model(); }

 private:
  struct State {
    steady_clock::time_point rests_until{};
    std::chrono::seconds rest{0};  ///< the last one; none: it answered
  };

  /// As they are configured, those at rest behind the others. Before the others the one that this turn had an
  /// answer from: those before it did not answer then, and one that hangs must not cost its time twice.
  std::vector<std::size_t> order(const ChatRequest& request) {
    std::vector<std::size_t> order(models_.size());
    std::iota(order.begin(), order.end(), 0);
    const auto now = now_();
    if (const auto last = last_of(request)) {
      std::stable_partition(order.begin(), order.end(), [&](std::size_t which) { return which == *last; });
    }
    states_.with([&](const std::vector<State>& states) {
      std::stable_partition(order.begin(), order.end(),
                            [&](std::size_t which) { return states[which].rests_until <= now; });
    });
    return order;
  }

  /// Which one sent the last message that a model wants back, all of which are of this turn.
  std::optional<std::size_t> last_of(const ChatRequest& request) const {
    for (auto message = request.messages.rbegin(); message != request.messages.rend(); ++message) {
      for (std::size_t which = 0; which < models_.size(); ++which) {
        if (message->as_received.starts_with(marked(which, ""))) {
          return which;
        }
      }
    }
    return std::nullopt;
  }

  Completion ask(std::size_t which, const ChatRequest& request, const std::stop_token& stop) {
    auto own = request;
    for (auto& message : own.messages) {
      message.as_received = unmarked(which, message.as_received);
    }
    auto completion = models_[which]->complete(own, stop);
    completion.as_received = marked(which, completion.as_received);
    completion.usage.by = which;
    return completion;
  }

  void note_down(std::size_t which, const ModelError& error) {
    const auto rest = states_.with([&](std::vector<State>& states) {
      auto& state = states[which];
      state.rest = std::clamp(state.rest * 2, kFirstRest, kLongestRest);
      state.rests_until = now_() + state.rest;
      return state.rest;
    });
    base::log_warning("{} is down and asked last for {} s: {}", models_[which]->model(), rest.count(),
                      error.what());
  }

  void note_up(std::size_t which) {
    const bool was_down = states_.with(
        [&](std::vector<State>& states) { return std::exchange(states[which], State{}).rest.count() > 0; });
    if (was_down) {
      base::log_info("{} answers again", models_[which]->model());
    }
  }

  const std::vector<std::unique_ptr<ChatModel>> models_;
  const std::function<steady_clock::time_point()> now_;
  base::Guarded<std::vector<State>> states_;
};

}  // namespace

std::unique_ptr<ChatModel> make_fallback_models(std::vector<std::unique_ptr<ChatModel>> models,
                                                std::function<steady_clock::time_point()> now) {
  return std::make_unique<FallbackModels>(std::move(models), std::move(now));
}

}  // namespace llm
