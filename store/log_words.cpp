#include "store/log_words.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include <fmt/core.h>

#include "base/utf8.h"
#include "store/like_pattern.h"
#include "store/statement.h"

namespace store {
namespace {

/// What is longer says little more and costs its size twice.
constexpr std::size_t kLongestText = 64 * 1024;

struct Range {
  char32_t first, last;
};
/// Thai to Burmese and Khmer, Han with its strokes and radicals, kana, Hangul, and what is beyond the first
/// plane of Han.
constexpr std::array kNoBlanks = {Range{0x0E00, 0x0EFF},  Range{0x1000, 0x109F}, Range{0x1780, 0x17FF},
                                  Range{0x2E80, 0x2FDF},  Range{0x3005, 0x3007}, Range{0x3040, 0x30FF},
                                  Range{0x31F0, 0x31FF},  Range{0x3400, 0x4DBF}, Range{0x4E00, 0x9FFF},
                                  Range{0xAC00, 0xD7AF},  Range{0xF900, 0xFAFF}, Range{0xFF66, 0xFF9F},
                                  Range{0x20000, 0x3FFFF}};

/// Marks, symbols and emoji, of which the index has no word. Letters and digits stand between them.
constexpr std::array kMarks = {
    Range{0x00, 0x2F},     Range{0x3A, 0x40},       Range{0x5B, 0x60},      Range{0x7B, 0xA9},
    Range{0xAB, 0xB4},     Range{0xB6, 0xB9},       Range{0xBB, 0xBF},      Range{0xD7, 0xD7},
    Range{0xF7, 0xF7},     Range{0x37E, 0x37E},     Range{0x387, 0x387},    Range{0x55A, 0x55F},
    Range{0x589, 0x58A},   Range{0x5BE, 0x5BE},     Range{0x60C, 0x60D},    Range{0x61B, 0x61F},
    Range{0x66A, 0x66D},   Range{0x6D4, 0x6D4},     Range{0x964, 0x965},    Range{0x1361, 0x1368},
    Range{0x17D4, 0x17DA}, Range{0x2000, 0x2BFF},   Range{0x3001, 0x3004},  Range{0x3008, 0x3020},
    Range{0x3030, 0x3030}, Range{0x303D, 0x303F},   Range{0xFE00, 0xFE0F},  Range{0xFE30, 0xFE6F},
    Range{0xFF00, 0xFF0F}, Range{0xFF1A, 0xFF20},   Range{0xFF3B, 0xFF40},  Range{0xFF5B, 0xFF65},
    Range{0xFFFC, 0xFFFD}, Range{0x1F000, 0x1FAFF}, Range{0xE0000, 0xE007F}};

char32_t code_point(std::string_view sequence) {
  const auto first = static_cast<unsigned char>(sequence.front());
  if (sequence.size() == 1) {
    return first;
  }
  char32_t point = first & (0x7FU >> sequence.size());
  for (const char c : sequence.substr(1)) {
    point = (point << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
  }
  return point;
}

template <std::size_t kCount>
bool is_among(const std::array<Range, kCount>& ranges, char32_t point) {
  return std::any_of(ranges.begin(), ranges.end(),
                     [&](const Range& range) { return point >= range.first && point <= range.last; });
}

bool is_a_word(char32_t point) {
  return is_among(kNoBlanks, point);
}

std::size_t characters(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

bool has_content(std::string_view word) {
  while (!word.empty()) {
    const auto sequence = word.substr(0, std::max<std::size_t>(base::utf8_sequence(word), 1));
    if (!is_among(kMarks, code_point(sequence))) {
      return true;
    }
    word.remove_prefix(sequence.size());
  }
  return false;
}

struct Texts {
  ConversationId room;
  std::string message, task, result, answer;
};

/// Those of the decision, and of the question that it is the answer to.
std::optional<Texts> texts_of(Database& db, std::int64_t decision) {
  return Statement(
             db,
             "SELECT (SELECT min(x.id) FROM conversations c JOIN conversations x ON x.section = c.section AND x.room = "
             "c.room WHERE c.id = n.conversation_id), m.text || coalesce((SELECT group_concat(char(10) || u.text, '') FROM "
             "quotations u WHERE u.message_id = m.id AND u.kind NOT IN ('reply', 'thread')), ''), "
             "coalesce(j.slug || char(10) || d.prompt, '') || coalesce((SELECT group_concat(char(10) || t.server || ' ' || "
             "t.tool || char(10) || t.arguments || char(10) || t.result, '') FROM tool_calls t WHERE t.message_id = "
             "n.message_id), ''), coalesce(d.result, ''), "
             "coalesce((SELECT group_concat(a.text, char(10)) FROM (SELECT id, text FROM messages WHERE d.id IS NULL "
             "AND conversation_id = n.conversation_id AND id > n.message_id AND author = 'assistant' AND dispatch_id "
             "IS NULL ORDER BY id LIMIT 20) a JOIN outbox o ON o.message_id = a.id AND o.kind = 'message' WHERE "
             "r.external_id <> '' AND json_extract(o.body, '$.reply_to') = r.external_id), '') "
             "FROM decisions n JOIN messages r ON r.id = n.message_id LEFT JOIN decisions q ON q.id = n.follows_id "
             "JOIN messages m ON m.id = coalesce(q.message_id, n.message_id) "
             "LEFT JOIN dispatches d ON d.decision_id = n.id LEFT JOIN projects j ON j.id = d.project_id "
             "WHERE n.id = ?",
             decision)
      .first([](Statement& row) {
        Texts texts;
        row.read(texts.room, texts.message, texts.task, texts.result, texts.answer);
        return texts;
      });
}

/// Of a message of ours that no decision is about.
std::optional<Texts> texts_of_post(Database& db, std::int64_t message) {
  return Statement(
             db,
             "SELECT (SELECT min(x.id) FROM conversations c JOIN conversations x ON x.section = c.section "
             "AND x.room = c.room WHERE c.id = m.conversation_id), m.text FROM messages m WHERE m.id = ? "
             "AND m.text <> ''",
             message)
      .first([](Statement& row) {
        Texts texts;
        row.read(texts.room, texts.answer);
        return texts;
      });
}

}  // namespace

std::string text_to_index(const std::string& text) {
  if (std::none_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) >= 0x80; })) {
    return text.substr(0, kLongestText);
  }
  std::string spaced;
  for (std::size_t i = 0; i < std::min(text.size(), kLongestText);) {
    const auto sequence =
        text.substr(i, std::max<std::size_t>(base::utf8_sequence(std::string_view(text).substr(i)), 1));
    if (is_a_word(code_point(sequence))) {
      spaced += " " + sequence + " ";
    } else {
      spaced += sequence;
    }
    i += sequence.size();
  }
  return spaced;
}

std::string text_from_index(const std::string& indexed) {
  const auto is_mark = [](char c) { return static_cast<unsigned char>(c) < ' ' && c != '\n' && c != '\t'; };
  std::string text;
  for (std::size_t i = 0; i < indexed.size();) {
    const auto size = std::max<std::size_t>(base::utf8_sequence(std::string_view(indexed).substr(i)), 1);
    const auto sequence = indexed.substr(i, size);
    i += size;
    if (!is_a_word(code_point(sequence))) {
      text += sequence == "\n" || sequence == "\t" || sequence == "\r" ? " " : sequence;
      continue;
    }
    // One blank on each side was put there; a mark may stand between.
    auto before = text.size();
    while (before > 0 && is_mark(text[before - 1])) {
      --before;
    }
    if (before > 0 && text[before - 1] == ' ') {
      text.erase(before - 1, 1);
    }
    text += sequence;
    auto behind = i;
    while (behind < indexed.size() && is_mark(indexed[behind])) {
      text += indexed[behind++];
    }
    i = behind < indexed.size() && indexed[behind] == ' ' ? behind + 1 : behind;
  }
  return text;
}

std::string room_in_index(ConversationId room) {
  return "r" + std::to_string(room.value);
}

namespace {

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  for (auto at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

/// As it is, and as others spell it: "große" is "GROSSE" in capitals, and "grosse" in Switzerland. The index
/// knows of cases and accents alone.
std::vector<std::string> spellings(const std::string& word) {
  auto with_ss = replaced(replaced(word, "ß", "ss"), "ẞ", "ss");
  auto with_sharp_s = with_ss;
  for (const char* pair : {"ss", "SS", "Ss", "sS"}) {
    with_sharp_s = replaced(std::move(with_sharp_s), pair, "ß");
  }
  return with_ss == with_sharp_s ? std::vector{word}
                                 : std::vector{std::move(with_ss), std::move(with_sharp_s)};
}

std::string quoted_for_match(const std::string& text) {
  std::string quoted = "\"";
  for (const char c : text) {
    quoted += c == '"' ? "\"\"" : std::string(1, c == '\0' ? ' ' : c);  // which would end all of it
  }
  return quoted + "\"";
}

}  // namespace

std::string words_to_match(const std::vector<std::string>& words, std::size_t whole_below) {
  std::string match;
  for (std::size_t i = 0; i < std::min(words.size(), kMostLikeWords); ++i) {
    if (!has_content(words[i])) {
      continue;
    }
    std::string any;
    for (const auto& word : spellings(words[i])) {
      const auto text = text_to_index(word);
      // A character that is a word goes on as nothing else.
      const bool goes_on = text.back() != ' ' && characters(words[i]) >= whole_below;
      any += (any.empty() ? "" : " OR ") + quoted_for_match(text) + (goes_on ? "*" : "");
    }
    match += (match.empty() ? "(" : " AND (") + any + ")";
  }
  return match;
}

bool LogWords::add(int most) {
  constexpr const char* kAny =
      "SELECT 1 WHERE EXISTS (SELECT 1 FROM log_words_due) OR (SELECT max(id) FROM decisions) > (SELECT decision_id "
      "FROM log_words_done)";
  if (!Statement(db_, kAny).any()) {
    return false;
  }
  Transaction transaction(db_);
  auto ids =
      Statement(db_,
                "DELETE FROM log_words_due WHERE decision_id IN (SELECT decision_id FROM log_words_due "
                "ORDER BY decision_id DESC LIMIT ?) RETURNING decision_id",
                most)
          .all<std::int64_t>();
  const auto done =
      Statement(db_, "SELECT decision_id FROM log_words_done").first<std::int64_t>().value_or(0);
  const auto next = Statement(db_, "SELECT id FROM decisions WHERE id > ? ORDER BY id LIMIT ?", done, most)
                        .all<std::int64_t>();
  std::erase_if(ids, [&](std::int64_t id) { return id > done; });  // they are among those that are new
  for (const auto id : ids) {
    Statement(db_, "DELETE FROM log_words WHERE rowid = ?", id).execute();
  }
  ids.insert(ids.end(), next.begin(), next.end());
  for (const auto id : ids) {
    index(id);
  }
  if (!next.empty()) {
    Statement(db_, "UPDATE log_words_done SET decision_id = ?", next.back()).execute();
  }
  transaction.commit();
  return true;
}

void LogWords::index(std::int64_t id) {
  if (const auto texts = id < 0 ? texts_of_post(db_, -id) : texts_of(db_, id)) {
    Statement(db_,
              "INSERT INTO log_words(rowid, chat, message, task, result, answer) VALUES (?, ?, ?, ?, ?, ?)",
              id, room_in_index(texts->room), text_to_index(texts->message), text_to_index(texts->task),
              text_to_index(texts->result), text_to_index(texts->answer))
        .execute();
  }
}

}  // namespace store
