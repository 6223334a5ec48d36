#include "bot/platforms/web/platform.h"

#include <map>

#include <nlohmann/json.hpp>

#include "base/guarded.h"
#include "base/json.h"
#include "bot/chat/capabilities.h"
#include "bot/chat/sender_is_told.h"
#include "bot/platforms/shared/ids.h"
#include "bot/platforms/web/drafts.h"

namespace bot::web_chat {
namespace {

class WebChat final : public chat::Platform,
                      public chat::ShowsTyping,
                      public chat::ShowsWork,
                      public chat::ShowsDrafts,
                      public chat::ShowsWrittenFiles,
                      public chat::FetchesFiles,
                      public chat::SenderIsTold,
                      public chat::SpeaksThroughPage {
 public:
  void attach(chat::Page& page) override { page_ = &page; }

  std::string deliver(const store::OutgoingCall& call, store::MessageParts&, base::Timestamp,
                      std::stop_token) override {
    const auto event = page_->message_event(call.message);
    if (call.kind == store::CallKind::message && call.answered) {
      drafts_.settle(call.chat_id, call.answered->message, event);
    } else {
      page_->publish(call.chat_id, event);
    }
    return std::to_string(call.message.value);
  }

  bool by_answer_alone() const override { return true; }

  chat::Features features() const override {
    return {.opens_files = true, .is_local = true, .chats_are_personal = true};
  }

  void fetch(const std::string& handle, std::uint64_t max_bytes,
             const std::function<void(std::string_view)>& sink, std::stop_token) override {
    page_->read_file(handle, max_bytes, sink);
  }

  void show_written(const std::string& chat_id, store::DispatchId dispatch,
                    const std::vector<chat::WrittenFile>& files) override {
    auto list = nlohmann::json::array();
    for (const auto& file : files) {
      list.push_back({{"path", file.path}, {"added", file.lines_added}, {"removed", file.lines_removed}});
    }
    page_->publish(chat_id, base::dump_json({{"type", "progress"},
                                             {"dispatch", chat::dispatch_name(dispatch)},
                                             {"files", std::move(list)}}));
  }

  void show_presence(const std::string& chat_id, Presence presence) override {
    page_->publish(chat_id, presence == Presence::thinking ? R"({"type":"thinking","on":true})"
                                                           : R"({"type":"thinking","on":false})");
  }

  void show_work(const std::string& chat_id, const std::string& doing) override {
    work_.with([&](auto& work) { doing.empty() ? void(work.erase(chat_id)) : void(work[chat_id] = doing); });
    page_->publish(chat_id, base::dump_json({{"type", "working"}, {"doing", doing}}));
  }
  std::string work_in(const std::string& chat_id) override {
    return work_.with([&](const auto& work) {
      const auto found = work.find(chat_id);
      return found == work.end() ? std::string() : found->second;
    });
  }

  DraftTerms draft_terms(const chat::Draft&) const override { return {.shown = true}; }
  void add_to_draft(const chat::Draft& draft, std::string_view text) override {
    drafts_.add(draft.chat_id, draft.answered, text);
  }
  void withdraw_draft(const chat::Draft& draft) override { drafts_.withdraw(draft.chat_id, draft.answered); }
  std::string draft_state(const std::string& chat_id) override { return drafts_.state(chat_id); }

 private:
  chat::Page* page_ = nullptr;
  base::Guarded<std::map<std::string, std::string>> work_;  ///< by chat
  Drafts drafts_{
      [this](const std::string& chat_id, const std::string& json) { page_->publish(chat_id, json); }};
};

std::unique_ptr<chat::Platform> make(config::Section section, const chat::PlatformContext&) {
  section.finish();
  return std::make_unique<WebChat>();
}

}  // namespace

chat::PlatformType platform_type() {
  return {
      .name = "web",
      .default_access = chat::PlatformType::Access::open,
      .make = make,
      .id_problem = shared::any_id_problem,
      .example_section = "[chat.web]\nplatform = \"web\"\n",
  };
}

}  // namespace bot::web_chat
