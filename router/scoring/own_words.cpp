#include "router/scoring/own_words.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <vector>

#include "base/utf8.h"

namespace router {
namespace {

/// A quotation of up to so many words is a title or a word in question, and part of what is asked.
constexpr std::size_t kShortQuotation = 4;
/// So many bytes of a script without spaces are about as much.
constexpr std::size_t kShortQuotationBytes = 24;
/// An order is rarely longer than this; a quotation is.
constexpr std::size_t kLongestQuotation = 20'000;

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> lines;
  while (true) {
    const auto end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) {
      return lines;
    }
    text.remove_prefix(end + 1);
  }
}

bool begins_with_any(std::string_view line, const auto& beginnings) {
  return std::any_of(beginnings.begin(), beginnings.end(),
                     [&](const char* beginning) { return line.starts_with(beginning); });
}

/// Above a forwarded or answered mail, as mail programs of several languages write it, in lower case.
bool announces_mail(const std::string& lower) {
  static constexpr std::array kMarks = {
      "original message",   "forwarded message",   "begin forwarded",      "weitergeleitete nach",
      "ursprüngliche nach", "message transféré",   "message d'origine",    "mensaje reenviado",
      "mensaje original",   "messaggio inoltrato", "mensagem encaminhada", "doorgestuurd bericht",
      "vidarebefordrat"};
  const bool rule = lower.find("--") != std::string::npos || lower.ends_with(":");
  return rule && std::any_of(kMarks.begin(), kMarks.end(),
                             [&](const char* mark) { return lower.find(mark) != std::string::npos; });
}

bool is_mail_header(const std::string& lower) {
  static constexpr std::array kHeaders = {
      "from:",  "to:",        "cc:",       "subject:", "date:",    "sent:",    "reply-to:", "von:",
      "an:",    "betreff:",   "gesendet:", "datum:",   "de :",     "de:",      "à :",       "objet :",
      "objet:", "envoyé :",   "para:",     "asunto:",  "enviado:", "oggetto:", "inviato:",  "assunto:",
      "aan:",   "onderwerp:", "från:",     "till:",    "ämne:",    "skickat:"};
  return begins_with_any(lower, kHeaders);
}

/// "2026-11-27 10:00:01 ERROR …", "at f (x.js:3:4)", "Traceback (most recent call last):" and their like.
bool is_program_output(std::string_view line, const std::string& lower) {
  static constexpr std::array kBeginnings = {
      "traceback (most", "file \"",    "at ",         "error:",   "warning:", "exception",  "caused by:",
      "fatal:",          "npm err!",   "npm error",   "$ ",       "# ",       "diff --git", "@@ ",
      "panic:",          "goroutine ", "stack trace", "error ts", "#0 ",      "make: ***"};
  const bool dated = line.size() > 10 && std::isdigit(static_cast<unsigned char>(line[0])) != 0 &&
                     (line[4] == '-' || line[2] == ':') && line.find(':') != std::string_view::npos;
  const bool frame = lower.starts_with("at ") && lower.find('(') != std::string::npos;
  return dated || frame ||
         (!lower.starts_with("at ") && begins_with_any(lower, kBeginnings) && line.size() > 12) ||
         (line.starts_with("[") && line.find(']') != std::string_view::npos && line.size() > 20);
}

/// Passes over what is pasted in blocks of lines.
class Lines {
 public:
  explicit Lines(std::string_view text) : lines_(lines_of(text)) {}

  OwnWords own() {
    for (; at_ < lines_.size(); ++at_) {
      take(base::trim(lines_[at_]));
    }
    return {std::move(own_), foreign_};
  }

 private:
  void take(std::string_view line) {
    if (line.starts_with("```") || line.starts_with("~~~")) {
      fenced_ = !fenced_;
      return;
    }
    const auto lower = base::ascii_lower(line);
    const bool several = lines_.size() > 1;
    if (announces_mail(lower) || (is_mail_header(lower) && next_is_header())) {
      mail_ = true;
    }
    const bool others = mail_ || line.starts_with(">") || line.starts_with("&gt;");
    foreign_ = foreign_ || (others && !line.empty());
    if (others || fenced_ || (several && is_program_output(line, lower))) {
      return;
    }
    own_ += line;
    own_ += '\n';
  }

  bool next_is_header() const {
    return at_ + 1 < lines_.size() && is_mail_header(base::ascii_lower(base::trim(lines_[at_ + 1])));
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  bool fenced_ = false;
  bool mail_ = false;
  std::string own_;
  bool foreign_ = false;
};

struct QuotationMarks {
  std::string_view open;
  std::string_view close;
};
constexpr std::array<QuotationMarks, 10> kQuotationMarks = {{{"\"", "\""},
                                                             {"“", "”"},
                                                             {"„", "“"},
                                                             {"„", "”"},
                                                             {"”", "”"},
                                                             {"«", "»"},
                                                             {"»", "«"},
                                                             {"「", "」"},
                                                             {"『", "』"},
                                                             {"《", "》"}}};

bool is_long(std::string_view quotation) {
  const auto spaces = static_cast<std::size_t>(std::count(quotation.begin(), quotation.end(), ' '));
  const bool spaceless = spaces * 12 < quotation.size();
  return spaceless ? quotation.size() > 2 * kShortQuotationBytes : spaces >= kShortQuotation;
}

/// The text without its long quotations.
std::string without_quotations(std::string_view text) {
  std::string own;
  while (!text.empty()) {
    std::size_t at = text.size();
    std::size_t length = 0;
    for (const auto& [open, close] : kQuotationMarks) {
      const auto from = text.find(open);
      if (from >= at) {
        continue;
      }
      const auto to = text.find(close, from + open.size());
      if (to == std::string_view::npos || to - from > kLongestQuotation) {
        continue;
      }
      at = from;
      length = to + close.size() - from;
    }
    own += text.substr(0, at);
    if (length == 0) {
      break;
    }
    const auto quotation = text.substr(at, length);
    own += is_long(quotation) ? " " : quotation;
    text.remove_prefix(at + length);
  }
  return own;
}

}  // namespace

OwnWords own_words(std::string_view text) {
  auto own = Lines(text).own();
  own.text = without_quotations(own.text);
  if (base::trim(own.text).empty()) {
    own.text = std::string(text);
  }
  return own;
}

}  // namespace router
