#include "clients/wav.hpp"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <fstream>

namespace dubber {

namespace {

constexpr int max_chunks = 1'000; ///< before the sound; more are no WAV

fault bad(const std::filesystem::path& path, const char* why) {
  return {fault_code::bad_answer, path.filename().string() + ": " + why, 0, {}};
}

std::uint32_t little(const char* p, int bytes) {
  std::uint32_t out = 0;
  for (int i = 0; i < bytes; ++i)
    out |= static_cast<std::uint32_t>(static_cast<unsigned char>(p[i]))
           << (8 * i);
  return out;
}

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i)
    out += static_cast<char>((value >> (8 * i)) & 0xFF);
}

/// Whether a sample of this kind has whole bytes that stand for themselves.
bool is_plain(std::uint32_t tag, std::uint32_t bits) {
  switch (tag) {
  case 1:      // PCM
  case 3:      // float
  case 0xFFFE: // either, with more said behind
    return bits >= 8 && bits <= 64 && bits % 8 == 0;
  case 6: // A-law
  case 7: // mu-law
    return bits == 8;
  default:
    return false;
  }
}

std::string header_of(const wav_info& info, std::uint32_t bytes) {
  auto frame = static_cast<std::uint32_t>(info.frame_bytes());
  std::string head = "RIFF";
  put(head, 36 + bytes, 4);
  head += "WAVEfmt ";
  put(head, 16, 4);
  put(head, 1, 2);
  put(head, static_cast<std::uint32_t>(info.channels), 2);
  put(head, static_cast<std::uint32_t>(info.rate), 4);
  put(head, static_cast<std::uint32_t>(info.rate) * frame, 4);
  put(head, frame, 2);
  put(head, static_cast<std::uint32_t>(info.bits), 2);
  head += "data";
  put(head, bytes, 4);
  return head;
}

} // namespace

result<wav_info> read_wav_info(const std::filesystem::path& path) {
  std::ifstream in{path, std::ios::binary};
  std::error_code ec;
  auto size = std::filesystem::file_size(path, ec);
  char head[12];
  if (ec || !in.read(head, 12) || std::memcmp(head, "RIFF", 4) != 0
      || std::memcmp(head + 8, "WAVE", 4) != 0)
    return bad(path, "not a WAV file");
  wav_info info;
  auto tag = 0u;
  auto chunks = 0;
  for (std::uint64_t at = 12; at + 8 <= size && ++chunks <= max_chunks;) {
    char chunk[8];
    in.seekg(static_cast<std::streamoff>(at));
    if (!in.read(chunk, 8))
      break;
    std::uint64_t length = little(chunk + 4, 4);
    at += 8;
    if (std::memcmp(chunk, "fmt ", 4) == 0) {
      char f[16];
      if (length < 16 || !in.read(f, 16))
        return bad(path, "damaged WAV header");
      tag = little(f, 2);
      info.channels = static_cast<int>(little(f + 2, 2));
      info.rate = static_cast<int>(little(f + 4, 4));
      info.bits = static_cast<int>(little(f + 14, 2));
    }
    if (std::memcmp(chunk, "data", 4) == 0) {
      info.data = at;
      info.bytes = std::min(length, size - at); // streamed files say 0xFFFFFFFF
      break;
    }
    at += length + (length & 1);
  }
  if (!is_plain(tag, static_cast<std::uint32_t>(info.bits)) || info.channels < 1
      || info.channels > 8 || info.rate < 4'000 || info.rate > 192'000)
    return bad(path, "not uncompressed sound");
  info.integers = tag == 1 || (tag == 0xFFFE && info.bits == 16);
  info.bytes -= info.bytes % info.frame_bytes();
  if (info.bytes == 0)
    return bad(path, "holds no sound");
  return info;
}

result<std::vector<std::int16_t>> read_wav(const std::filesystem::path& path,
                                           const wav_info& info, double begin,
                                           double end) {
  if (!info.is_pcm16())
    return bad(path, "not PCM of 16 bit");
  auto frame = info.frame_bytes();
  auto offset = [&](double seconds) {
    auto frames
      = static_cast<std::uint64_t>(std::max(0.0, seconds) * info.rate + 0.5);
    return std::min(info.bytes, frames * frame);
  };
  auto from = offset(begin);
  auto to = std::max(from, offset(end));
  std::vector<std::int16_t> out((to - from) / 2);
  std::ifstream in{path, std::ios::binary};
  in.seekg(static_cast<std::streamoff>(info.data + from));
  if (!in.read(reinterpret_cast<char*>(out.data()),
               static_cast<std::streamsize>(out.size() * 2)))
    return fault{fault_code::disk, "cannot read " + path.string(), 0, {}};
  return out;
}

result<done> write_wav(const std::filesystem::path& path, int rate,
                       int channels, const std::vector<std::int16_t>& samples) {
  auto bytes = static_cast<std::uint32_t>(samples.size() * 2);
  auto head = header_of({channels, 16, true, rate, 0, bytes}, bytes);
  std::ofstream out{path, std::ios::binary | std::ios::trunc};
  out.write(head.data(), static_cast<std::streamsize>(head.size()));
  out.write(reinterpret_cast<const char*>(samples.data()),
            static_cast<std::streamsize>(bytes));
  if (!out.flush())
    return fault{fault_code::disk, "cannot write " + path.string(), 0, {}};
  return done{};
}

result<done> set_wav_length(const std::filesystem::path& path,
                            const wav_info& info, double seconds) {
  auto frames = static_cast<std::uint64_t>(std::llround(seconds * info.rate));
  auto bytes = frames * info.frame_bytes();
  fault failed{fault_code::disk, "cannot write " + path.string(), 0, {}};
  if (info.data < 8 || bytes > 0xFFFF'FFFF - info.data)
    return fault{fault_code::limit_exceeded,
                 "the sound is too long for a WAV file",
                 0,
                 {}};
  std::error_code ec;
  std::filesystem::resize_file(path, info.data + bytes, ec);
  if (ec)
    return failed;
  std::fstream file{path, std::ios::binary | std::ios::in | std::ios::out};
  std::string size;
  put(size, static_cast<std::uint32_t>(info.data + bytes - 8), 4);
  file.seekp(4).write(size.data(), 4);
  size.clear();
  put(size, static_cast<std::uint32_t>(bytes), 4);
  file.seekp(static_cast<std::streamoff>(info.data - 4)).write(size.data(), 4);
  if (!file.flush())
    return failed;
  return done{};
}

} // namespace dubber
