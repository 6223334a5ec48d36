#include "bot/memory/secret_phrase.h"

#include <algorithm>
#include <string>

#include "base/utf8.h"

namespace bot::memory {
namespace {

/// Words without which hardly a sentence says anything about something, and a phrase that is a password has
/// none of: in English, German, French, Spanish, Italian and Portuguese.
constexpr std::string_view kSentenceWords =
    " a an the in on at to of for by with from under behind near not no never always very too so quite really still "
    "and or but if it my your his her our their this that than as now only just also same long short wrong right new "
    "old bad good weak strong safe secret unknown lost gone empty stored kept saved written changed forgotten expired "
    "required needed case "
    "im in am auf der die das den dem des ein eine einen nicht kein sehr zu bei unter neben hinter wie und oder aber "
    "noch nur immer nie mein dein sein abgelaufen vergessen falsch "
    "dans le la les un une du de des sur sous pas trop très à au et ou mon ton son "
    "en el los una del no muy por con y mi tu su nel nella il lo non molto e o com na no um uma não muito ";

}  // namespace

bool is_phrase(std::string_view rest) {
  rest = base::trim(rest.substr(0, rest.find_first_of(".,;!?\n")));
  int words = 0;
  while (!rest.empty()) {
    const auto end = std::min(rest.find(' '), rest.size());
    if (kSentenceWords.find(" " + std::string(rest.substr(0, end)) + " ") != std::string_view::npos) {
      return false;
    }
    ++words;
    rest = base::trim(rest.substr(end));
  }
  return words > 1;
}

}  // namespace bot::memory
