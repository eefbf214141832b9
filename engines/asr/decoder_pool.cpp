#include "engines/asr/decoder_pool.hpp"

#include "engines/engine.hpp"

#include <pocketsphinx.h>
#include <sphinxbase/err.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <stdexcept>

namespace dubber {

namespace {

#define DUBBER_MODEL "/usr/share/pocketsphinx/model/en-us/"
constexpr double frames_per_second = 100;

ps_decoder_t* open_decoder(bool fast) {
  auto* config = cmd_ln_init(
    nullptr, ps_args(), TRUE, "-hmm", DUBBER_MODEL "en-us", "-lm",
    DUBBER_MODEL "en-us.lm.bin", "-dict", DUBBER_MODEL "cmudict-en-us.dict",
    "-remove_silence", "no", "-logfn", "/dev/null", nullptr);
  if (config == nullptr)
    throw std::runtime_error("pocketsphinx refuses its settings");
  if (fast) {
    // A third of the time at nearly the same errors; narrower beams double
    // the errors for little more.
    cmd_ln_set_int_r(config, "-maxhmmpf", 1500);
    cmd_ln_set_int_r(config, "-topn", 2);
    cmd_ln_set_int_r(config, "-ds", 2);
    cmd_ln_set_boolean_r(config, "-fwdflat", FALSE);
  }
  auto* decoder = ps_init(config);
  cmd_ln_free_r(config);
  if (decoder == nullptr)
    throw std::runtime_error("no model in " DUBBER_MODEL);
  return decoder;
}

/// Strips "(2)"; nothing for silence, noises and sentence marks.
std::string plain_word(std::string word) {
  if (word.empty() || word[0] == '<' || word[0] == '[' || word[0] == '+')
    return {};
  if (auto at = word.find('('); at != std::string::npos)
    word.resize(at);
  return word;
}

std::vector<heard_word> hear(ps_decoder_t* decoder,
                             const std::vector<int16_t>& samples,
                             double offset) {
  // A new stream forgets the noise of the last: the same sound gets the same
  // words whatever was heard before.
  if (ps_start_stream(decoder) < 0 || ps_start_utt(decoder) < 0)
    throw std::runtime_error("the recogniser does not start");
  // The whole utterance at once: its mean is taken over all of it.
  auto heard
    = ps_process_raw(decoder, samples.data(), samples.size(), FALSE, TRUE);
  if (ps_end_utt(decoder) < 0 || heard < 0)
    throw std::runtime_error("the recogniser failed");
  std::vector<heard_word> out;
  auto* math = ps_get_logmath(decoder);
  for (auto* s = ps_seg_iter(decoder); s != nullptr; s = ps_seg_next(s)) {
    auto text = plain_word(ps_seg_word(s));
    if (text.empty())
      continue;
    int first = 0;
    int last = 0;
    ps_seg_frames(s, &first, &last);
    auto sure = logmath_exp(math, ps_seg_prob(s, nullptr, nullptr, nullptr));
    out.push_back({std::move(text), offset + first / frames_per_second,
                   offset + (last + 1) / frames_per_second,
                   std::clamp(sure, 0.0, 1.0)});
  }
  return out;
}

} // namespace

decoder_pool::decoder_pool(unsigned decoders, bool fast) {
  err_set_logfp(nullptr);
  auto first = std::unique_ptr<ps_decoder_t, int (*)(ps_decoder_t*)>{
    open_decoder(fast), ps_free};
  decoders_.reserve(decoders);
  decoders_.push_back(first.release());
  while (decoders_.size() < decoders)
    decoders_.push_back(open_decoder(fast));
  for (auto* decoder : decoders_)
    threads_.emplace_back([this, decoder] { work(decoder); });
}

void decoder_pool::stop() {
  std::lock_guard guard{mutex_};
  stopping_ = true;
  for (auto& waiting : tasks_)
    waiting.answer.set_exception(std::make_exception_ptr(engine_stops{}));
  tasks_.clear();
  changed_.notify_all();
}

decoder_pool::~decoder_pool() {
  stop();
  for (auto& thread : threads_)
    thread.join();
  for (auto* decoder : decoders_)
    ps_free(static_cast<ps_decoder_t*>(decoder));
}

void decoder_pool::work(void* decoder) {
  for (;;) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return stopping_ || !tasks_.empty(); });
    if (stopping_)
      return;
    auto next = std::move(tasks_.front());
    tasks_.pop_front();
    lock.unlock();
    try {
      next.answer.set_value(
        hear(static_cast<ps_decoder_t*>(decoder), next.samples, next.offset));
    } catch (const std::exception&) {
      next.answer.set_exception(std::current_exception());
    }
  }
}

std::future<std::vector<heard_word>>
decoder_pool::decode(std::vector<int16_t> samples, double offset) {
  task next{std::move(samples), offset, {}};
  auto out = next.answer.get_future();
  std::lock_guard guard{mutex_};
  if (stopping_)
    throw engine_stops{};
  tasks_.push_back(std::move(next));
  changed_.notify_one();
  return out;
}

} // namespace dubber
