#include "engines/asr/decoder_pool.hpp"
#include "engines/child_process.hpp"
#include "engines/http_service.hpp"

#include <cstring>

namespace dubber {

namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

constexpr uint64_t largest_upload = 5'000'000'000;
constexpr auto read_timeout = 60s;      // ffmpeg without a sample
constexpr size_t block = 60 * asr_rate; // heard at a time
constexpr size_t margin = asr_rate * 6 / 10;
constexpr size_t longest_media = size_t{12} * 3600 * asr_rate;

/// A file that goes when the request does.
struct temporary {
  fs::path path;
  ~temporary() {
    std::error_code ignored; // swept at the next start
    fs::remove(path, ignored);
  }
};

/// Turns a stream of samples into utterances and keeps the words in order.
class listener {
public:
  explicit listener(decoder_pool& pool) : pool_(pool) {
    // nop
  }

  void hear(const int16_t* samples, size_t count) {
    held_.insert(held_.end(), samples, samples + count);
    if (held_.size() >= block)
      cut(false);
  }

  std::vector<heard_word> finish() {
    cut(true);
    while (!waiting_.empty())
      take();
    return std::move(words_);
  }

private:
  void take() {
    auto some = waiting_.front().get();
    waiting_.pop_front();
    words_.insert(words_.end(), some.begin(), some.end());
  }

  /// Sends off what surely ended; the last stretch waits for the next block.
  void cut(bool last) {
    size_t done = last ? held_.size() : held_.size() - margin;
    for (auto& span : find_speech(held_)) {
      if (!last && span.end + margin > held_.size()) {
        done = std::min(done, span.begin);
        break;
      }
      if (waiting_.size() >= pool_.ahead())
        take();
      auto first = held_.begin() + static_cast<long>(span.begin);
      auto end = held_.begin() + static_cast<long>(span.end);
      waiting_.push_back(
        pool_.decode({first, end}, double(start_ + span.begin) / asr_rate));
      done = std::max(std::min(done, held_.size()), span.end);
    }
    held_.erase(held_.begin(), held_.begin() + static_cast<long>(done));
    start_ += done;
  }

  decoder_pool& pool_;
  std::vector<int16_t> held_;
  size_t start_ = 0; // samples before held_
  std::deque<std::future<std::vector<heard_word>>> waiting_;
  std::vector<heard_word> words_;
};

class asr_service : public engine {
public:
  explicit asr_service(const engine_options& options)
    : folder_(fs::absolute(options.data / "asr")), places_(options.queue),
      pool_(options.workers, options.fast) {
    fs::remove_all(folder_); // what a crash left
    fs::create_directories(folder_);
  }

  void mount(httplib::Server& server) override {
    server.Post("/transcribe", [this](const httplib::Request& request,
                                      httplib::Response& response,
                                      const httplib::ContentReader& reader) {
      admission::place place{places_, response};
      if (!place)
        return;
      temporary media{folder_ / random_name()};
      if (receive_form(request, response, reader, media.path, largest_upload))
        transcribe(media.path, response);
    });
    server.Get("/languages",
               [](const httplib::Request&, httplib::Response& response) {
                 answer_json(response, 200, {{"languages", {"en"}}});
               });
  }

private:
  void transcribe(const fs::path& media, httplib::Response& response) {
    child_process ffmpeg{
      {"/usr/bin/ffmpeg",
       "-nostdin",
       "-v",
       "error",
       "-protocol_whitelist",
       "file,pipe",
       "-format_whitelist",
       "mov,mp4,m4a,3gp,matroska,webm,avi,flv,mpegts,mpeg,wav,w64,ogg,mp3,aac,"
       "flac,aiff,au,caf",
       "-i",
       "file:" + media.string(),
       "-map",
       "0:a:0",
       "-vn",
       "-ac",
       "1",
       "-ar",
       std::to_string(asr_rate),
       "-f",
       "s16le",
       "pipe:1"},
      {false, true}};
    listener ears{pool_};
    std::vector<char> bytes(64 << 10);
    size_t kept = 0;
    size_t total = 0;
    for (;;) {
      auto until = std::chrono::steady_clock::now() + read_timeout;
      auto n = ffmpeg.read(bytes.data() + kept, bytes.size() - kept, until);
      if (n < 0)
        return answer_invalid(response, "file", "decoding took too long");
      if (n == 0)
        break;
      auto have = kept + static_cast<size_t>(n);
      std::vector<int16_t> samples(have / 2);
      std::memcpy(samples.data(), bytes.data(), samples.size() * 2);
      kept = have % 2;
      if (kept > 0) // half a sample
        bytes[0] = bytes[have - 1];
      total += samples.size();
      if (total > longest_media)
        return answer_json(response, 413, {{"detail", "longer than 12 hours"}});
      ears.hear(samples.data(), samples.size());
    }
    ffmpeg.wait(std::chrono::steady_clock::now() + read_timeout);
    if (total == 0)
      return answer_invalid(response, "file", "cannot decode audio");
    answer(ears.finish(), response);
  }

  void answer(const std::vector<heard_word>& words,
              httplib::Response& response) {
    auto list = nlohmann::json::array();
    for (auto& segment : make_segments(words)) {
      auto inner = nlohmann::json::array();
      double sum = 0;
      for (auto& w : segment.words) {
        sum += w.confidence;
        inner.push_back({{"word", w.text},
                         {"start", w.start},
                         {"end", w.end},
                         {"confidence", w.confidence}});
      }
      list.push_back({{"start", segment.start},
                      {"end", segment.end},
                      {"text", segment.text},
                      {"confidence", sum / double(segment.words.size())},
                      {"words", inner}});
    }
    answer_json(response, 200, {{"segments", list}});
  }

  fs::path folder_;
  admission places_;
  decoder_pool pool_;
};

} // namespace

std::unique_ptr<engine> make_asr(const engine_options& options) {
  return std::make_unique<asr_service>(options);
}

} // namespace dubber
