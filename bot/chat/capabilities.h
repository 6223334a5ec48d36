#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/http.h"
#include "bot/chat/incoming_message.h"
#include "bot/chat/platform.h"
#include "bot/chat/receiver.h"

// What a chat service can do besides delivering. The class of its platform inherits from those that fit; who
// wants one asks capability() and does without where there is none.

namespace bot::chat {

/// That side of a platform; null where it has none, or where there is no platform.
template <typename Interface>
Interface* capability(Platform* platform) {
  return dynamic_cast<Interface*>(platform);
}
template <typename Interface>
const Interface* capability(const Platform* platform) {
  return dynamic_cast<const Interface*>(platform);
}

/// What a webhook call brought.
struct Received {
  std::vector<IncomingMessage> incoming;
  base::HttpResponse response;  ///< what the caller gets once all of it is stored
};

/// The service calls /webhooks/<section>, or an address below it.
class TakesWebhooks {
 public:
  virtual ~TakesWebhooks() = default;
  /// Verifies and parses a call, of whatever method and content type it is; shared::require_post() refuses
  /// what few services send. No I/O. Throws Refused.
  virtual Received receive(const base::HttpRequest& request, base::Timestamp now) const = 0;
};

/// It asks its service for messages, or keeps a connection to it: all the time, or once for those that were
/// missed while the program was away.
class Listens {
 public:
  virtual ~Listens() = default;
  /// Called once, when the program is ready. Does not block. `receiver` is there until stop() has returned.
  virtual void start(Receiver& receiver) = 0;
  /// Ends what start() began. Idempotent.
  virtual void stop() = 0;
};

/// It has something to do when a message was stored. Must not block.
class AcknowledgesIncoming {
 public:
  virtual ~AcknowledgesIncoming() = default;
  /// What came in is stored, or needs no storing: a courtesy to the service, such as taking the waiting sign
  /// off a button.
  virtual void on_stored(const IncomingMessage& /*incoming*/) {}
  /// The person may not write there and was told so lately, so that nothing will be delivered to answer it.
  virtual void on_refused(const IncomingMessage& /*incoming*/) {}
};

/// People see that an answer is being thought about.
class ShowsTyping {
 public:
  virtual ~ShowsTyping() = default;
  enum class Presence { thinking, idle };
  /// Counted: two answers in one chat end with the second idle. Must not block.
  virtual void show_presence(const std::string& chat_id, Presence presence) = 0;
};

/// People see what is being done for an answer.
class ShowsWork {
 public:
  virtual ~ShowsWork() = default;
  /// A few words, such as "Looking into calendar"; empty: nothing in particular any more. Must not block.
  virtual void show_work(const std::string& chat_id, const std::string& doing) = 0;
  /// What is shown there now.
  virtual std::string work_in(const std::string& chat_id) = 0;
};

/// The answer to a message, while it is being written.
struct Draft {
  std::string chat_id;
  store::MessageId answered;
  std::string answers;   ///< the service's id of that message
  std::string key = {};  ///< under which it is posted, where it is a message of the service
};

/// People see an answer while the model writes it. What they see is provisional: the message that answers
/// takes its place (decision 0019).
class ShowsDrafts {
 public:
  virtual ~ShowsDrafts() = default;

  struct DraftTerms {
    bool shown = false;  ///< whether that answer can be shown at all
    /// Whether the draft is a message of the service, which outlives this process: it gets a key, and nothing
    /// is shown of it before that key is stored.
    bool is_message = false;
    /// An answer that is there sooner is not shown before it is whole.
    std::chrono::milliseconds patience{0};
  };
  /// How that answer could be shown now.
  virtual DraftTerms draft_terms(const Draft& draft) const = 0;
  /// More of it. Must not block.
  virtual void add_to_draft(const Draft& draft, std::string_view text) = 0;
  /// It was not the answer: nobody sees its words any more. Must not block.
  virtual void withdraw_draft(const Draft& draft) = 0;
  /// What is being written in that chat as JSON, for whoever opens the page in the middle; empty where
  /// nothing is.
  virtual std::string draft_state(const std::string& /*chat_id*/) { return {}; }
};

/// The service can be asked for a name that came with no message.
class KnowsNames {
 public:
  virtual ~KnowsNames() = default;
  /// The person's name, one line; empty where it cannot be told. Throws base::Stopped.
  virtual std::string name_of(const std::string& user_id, std::stop_token stop) = 0;
};

/// Its texts name people by ids, where a reader wants their names.
class SpellsOutNames {
 public:
  virtual ~SpellsOutNames() = default;
  /// The text with a name for each id of which the service tells one. Throws base::Stopped.
  virtual std::string with_names(const std::string& text, std::stop_token stop) = 0;
};

/// People can call the bot into a thread that began without it.
class ReadsThreads {
 public:
  virtual ~ReadsThreads() = default;
  /// Whether the message of that id is left out.
  using IsKnown = std::function<bool(const std::string& message_id)>;
  /// What was said in the thread `chat_id` before that message, the oldest first; of a long thread the newest
  /// part. Empty where it cannot be had. Throws base::TransientError where it may be had later, and
  /// base::Stopped.
  virtual std::vector<Quotation> thread_before(const std::string& chat_id, const std::string& message_id,
                                               const IsKnown& is_known, std::stop_token stop) = 0;
};

/// People can attach files.
class FetchesFiles {
 public:
  virtual ~FetchesFiles() = default;
  /// Gives `sink` the bytes of an attachment. Throws base::PermanentError where it is larger than `max_bytes`
  /// or not to be had, base::TransientError where it may be later, base::Stopped.
  virtual void fetch(const std::string& handle, std::uint64_t max_bytes,
                     const std::function<void(std::string_view)>& sink, std::stop_token stop) = 0;
};

/// The service limits how often a chat may be written to.
class HasRateLimit {
 public:
  virtual ~HasRateLimit() = default;
  /// When the next call to that chat may begin; a time that is over means now.
  virtual base::Timestamp ready_at(const std::string& chat_id, base::Timestamp now) = 0;
};

/// A file that a run has written so far.
struct WrittenFile {
  std::string path;  ///< relative to the project folder
  int lines_added = 0;
  int lines_removed = 0;
};

/// People can look at the files of a run while it works.
class ShowsWrittenFiles {
 public:
  virtual ~ShowsWrittenFiles() = default;
  /// All that the run has written so far, in order. Must not block.
  virtual void show_written(const std::string& chat_id, store::DispatchId dispatch,
                            const std::vector<WrittenFile>& files) = 0;
};

/// One line of `frontdesk doctor`.
struct CheckResult {
  enum class Mark { ok, warning, failure };
  Mark mark = Mark::ok;
  std::string detail;  ///< a sentence, and what to do
};

/// Whether a check may first set up what the program can (webhooks, commands).
enum class Repair { no, yes };

/// The service can be asked whether everything is set up.
class ChecksSetup {
 public:
  virtual ~ChecksSetup() = default;
  /// For `frontdesk doctor`; at least one line.
  virtual std::vector<CheckResult> check(Repair repair) = 0;
};

/// The program's own chat page, as the platform behind it sees it. Thread rule: any thread.
class Page {
 public:
  virtual ~Page() = default;
  /// Sends one event to every open page of that chat.
  virtual void publish(const std::string& chat_id, const std::string& json) = 0;
  /// The JSON of a stored message, as the page takes it.
  virtual std::string message_event(store::MessageId id) = 0;
  /// Gives `sink` the bytes of a file that was sent by the page. Throws base::PermanentError where it is
  /// larger or gone.
  virtual void read_file(const std::string& handle, std::uint64_t max_bytes,
                         const std::function<void(std::string_view)>& sink) = 0;
};

/// It speaks through the program's own page instead of a service.
class SpeaksThroughPage {
 public:
  virtual ~SpeaksThroughPage() = default;
  /// Called once, before anything is delivered. The page outlives the platform's last call.
  virtual void attach(Page& page) = 0;
};

}  // namespace bot::chat
