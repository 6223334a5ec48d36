// Whether memory and descriptors stay flat over very many turns: 64 chats, each with one message under way, a
// model and a receiver that answer at once. By command only but for --quick, which is a few turns.
//
// soak TURNS [FOLDER [SECONDS]]   FOLDER keeps database and figures: the next call goes on there, up to TURNS
//                                 altogether. Stops after SECONDS, when what is under way is answered.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include <signal.h>

#include "tests/bench/process_use.h"
#include "tests/bench/surroundings.h"
#include "tests/support/temporary_folder.h"

namespace {

using bench::kChats;
using Clock = std::chrono::steady_clock;
using std::chrono::seconds;
constexpr seconds kShownEvery{10};
/// A connection that was not used for so long may be closed by the program, which ends idle ones after 30.
constexpr seconds kIdle{15};
/// An answer that takes longer counts as lost.
constexpr seconds kPatience{120};
/// The last two thirds of a life of the program may grow by so much.
constexpr double kFlat = 0.05;
constexpr std::size_t kEnough = 24;  ///< samples for a verdict

struct Sample {
  double turns, memory, descriptors;
};

/// By how much of itself a figure grows over the last two thirds, by the straight line that fits best.
double growth(const std::vector<Sample>& all, double Sample::*figure) {
  const std::vector<Sample> samples(all.begin() + static_cast<std::ptrdiff_t>(all.size() / 3), all.end());
  const auto n = static_cast<double>(samples.size());
  double x = 0, y = 0, xx = 0, xy = 0;
  for (const auto& sample : samples) {
    x += sample.turns / n;
    y += sample.*figure / n;
  }
  for (const auto& sample : samples) {
    xx += (sample.turns - x) * (sample.turns - x);
    xy += (sample.turns - x) * (sample.*figure - y);
  }
  return xx == 0 ? 0 : xy / xx * (samples.back().turns - samples.front().turns) / y;
}

class Soak {
 public:
  Soak(std::filesystem::path folder, std::size_t turns) : folder_(std::move(folder)), wanted_(turns) {
    std::ifstream(folder_ / "turns") >> done_ >> seconds_;
  }

  /// 0: all is answered, and nothing grew.
  int run(seconds length);

 private:
  void say(int chat);
  void send(int chat);
  void send_again();
  void take_answers();
  void show();
  int judge() const;

  const std::filesystem::path folder_;
  const std::size_t wanted_;
  bench::Surroundings around_;
  struct Line {
    int connection = -1;
    Clock::time_point used;  ///< zero: there is none
  };
  std::vector<Line> lines_ = std::vector<Line>(kChats);
  std::vector<Clock::time_point> sent_ = std::vector<Clock::time_point>(kChats);  ///< zero: nothing is open
  std::vector<int> put_off_;  ///< chats whose message was not taken
  std::size_t open_ = 0, done_ = 0, refused_ = 0, late_ = 0;
  bool over_ = false;
  int pid_ = 0;
  Clock::time_point begin_ = Clock::now(), shown_ = begin_, tried_ = begin_;
  double seconds_ = 0;  ///< of earlier calls
  std::vector<Sample> samples_;
};

void Soak::say(int chat) {
  if (over_ || done_ + open_ >= wanted_) {
    return;
  }
  ++open_;
  send(chat);
}

void Soak::send(int chat) {
  auto& line = lines_.at(static_cast<std::size_t>(chat));
  if (Clock::now() > line.used + kIdle) {
    line.connection = around_.loop.connect(around_.port);
  }
  line.used = sent_.at(static_cast<std::size_t>(chat)) = Clock::now();
  around_.loop.send(line.connection, bench::request("message", chat),
                    [this, chat](int status, Clock::time_point) {
                      if (status == 0) {
                        lines_.at(static_cast<std::size_t>(chat)).used = {};  // it is broken
                      }
                      if (status != 200) {
                        ++refused_;
                        put_off_.push_back(chat);
                      }
                    });
}

/// As the services do: a busy machine may take more than the two seconds after which a message is refused.
void Soak::send_again() {
  for (const int chat : std::exchange(put_off_, {})) {
    send(chat);
  }
}

/// What an earlier life of the program owed comes first, and opens nothing new.
void Soak::take_answers() {
  for (auto& delivered = around_.delivered; !delivered.empty(); delivered.pop_front()) {
    const int chat = delivered.front();
    if (auto& sent = sent_.at(static_cast<std::size_t>(chat)); sent != Clock::time_point()) {
      sent = {};
      --open_;
      ++done_;
      say(chat);
    }
  }
}

void Soak::show() {
  shown_ = Clock::now();
  const auto descriptors =
      std::distance(std::filesystem::directory_iterator("/proc/" + std::to_string(pid_) + "/fd"), {});
  samples_.push_back({static_cast<double>(done_), bench::memory_of(pid_), static_cast<double>(descriptors)});
  late_ = static_cast<std::size_t>(std::count_if(sent_.begin(), sent_.end(), [&](Clock::time_point at) {
    return at != Clock::time_point() && at < shown_ - kPatience;
  }));
  const double since = seconds_ + std::chrono::duration<double>(shown_ - begin_).count();
  std::printf("%8.0f s: %9zu turns, %.1f MiB, %td descriptors, %zu sent again, %zu without an answer\n",
              since, done_, samples_.back().memory, descriptors, refused_, late_);
  std::fflush(stdout);
  std::ofstream(folder_ / "turns") << done_ << ' ' << since << '\n';
}

int Soak::judge() const {
  if (late_ > 0) {
    std::printf("%zu without an answer for %lld s: FAULT\n", late_,
                static_cast<long long>(kPatience.count()));
    return 1;
  }
  if (samples_.size() < kEnough) {
    std::printf("%zu turns altogether, all answered; too short for a verdict on growth\n", done_);
    return 0;
  }
  const auto memory = growth(samples_, &Sample::memory);
  const auto descriptors = growth(samples_, &Sample::descriptors);
  const bool flat = memory < kFlat && descriptors < kFlat;
  std::printf(
      "%zu turns altogether, %.0f in this life of the program, all answered; over the last two thirds of it memory "
      "%+.1f %%, descriptors %+.1f %%: %s\n",
      done_, samples_.back().turns - samples_.front().turns, memory * 100, descriptors * 100,
      flat ? "flat" : "GROWS");
  return flat ? 0 : 1;
}

/// They tell the port of an earlier life, and grow by half a kilobyte a turn.
void remove_logs(const std::filesystem::path& folder) {
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().filename().string().starts_with("run-")) {
      std::filesystem::remove(entry.path());
    }
  }
}

int Soak::run(seconds length) {
  std::filesystem::create_directories(folder_);
  remove_logs(folder_);
  const auto program = around_.start(folder_);
  pid_ = program->pid();
  begin_ = Clock::now();
  show();
  for (int i = 0; i < kChats; ++i) {
    say(i);
  }
  while (open_ > 0 && late_ == 0) {
    around_.loop.step(std::chrono::milliseconds(20));
    over_ = over_ || Clock::now() > begin_ + length;
    take_answers();
    if (Clock::now() > tried_ + seconds(1)) {
      tried_ = Clock::now();
      send_again();
    }
    if (Clock::now() > shown_ + kShownEvery) {
      show();
    }
  }
  show();
  around_.loop.hang_up();
  program->signal(SIGTERM);  // ends by itself, so that a profiler around it writes what it has
  program->wait(seconds(60));
  return judge();
}

int usage() {
  std::puts("usage: soak TURNS [FOLDER [SECONDS]]");
  return 2;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  const support::TemporaryFolder temporary;
  if (arguments == std::vector<std::string>{"--quick"}) {
    Soak(temporary.path(), 300).run(seconds(60));
    return Soak(temporary.path(), 600).run(seconds(60));  // goes on where the first stopped
  }
  if (arguments.empty() || arguments.size() > 3) {
    return usage();
  }
  const auto turns = std::strtoul(arguments[0].c_str(), nullptr, 10);
  const auto folder = arguments.size() > 1 ? std::filesystem::absolute(arguments[1]) : temporary.path();
  const auto length = arguments.size() > 2 ? std::strtol(arguments[2].c_str(), nullptr, 10) : 365L * 86'400;
  if (turns == 0 || length <= 0) {
    return usage();
  }
  return Soak(folder, turns).run(seconds(length));
}
