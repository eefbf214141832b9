#pragma once

#include <algorithm>
#include <cctype>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace dubber::test {

/// Clips of a reader whose words are known: Debian's pocketsphinx-testdata.
constexpr auto clips_folder = "/usr/share/pocketsphinx/test/data/librivox/";

struct clip {
  std::filesystem::path file;
  std::vector<std::string> words; // what is said in it
};

/// In small letters, without signs.
inline std::vector<std::string> words_of(std::string text) {
  for (auto& c : text)
    c = std::isalpha(static_cast<unsigned char>(c)) || c == '\''
          ? static_cast<char>(std::tolower(static_cast<unsigned char>(c)))
          : ' ';
  std::istringstream in{text};
  std::vector<std::string> out;
  for (std::string word; in >> word;)
    out.push_back(word == "mister" ? "mr" : word);
  return out;
}

/// The clips with their transcription: "<s> he was ... </s> (name)".
inline std::vector<clip> all_clips() {
  std::ifstream in{std::string{clips_folder} + "transcription"};
  std::vector<clip> out;
  for (std::string line; std::getline(in, line);) {
    auto open = line.rfind('(');
    auto name = line.substr(open + 1, line.rfind(')') - open - 1);
    auto text = line.substr(4, line.find("</s>") - 4);
    out.push_back(
      {std::filesystem::path{clips_folder} / (name + ".wav"), words_of(text)});
  }
  return out;
}

/// The samples behind a plain header of 44 bytes.
inline std::vector<int16_t> samples_of(const std::filesystem::path& wav) {
  std::ifstream in{wav, std::ios::binary};
  std::string bytes{std::istreambuf_iterator<char>{in}, {}};
  std::vector<int16_t> out((bytes.size() - 44) / 2);
  std::memcpy(out.data(), bytes.data() + 44, out.size() * 2);
  return out;
}

/// Words that are missing, wrong or too many (edit distance).
inline size_t word_errors(const std::vector<std::string>& wanted,
                          const std::vector<std::string>& heard) {
  std::vector<size_t> row(heard.size() + 1);
  for (size_t j = 0; j < row.size(); ++j)
    row[j] = j;
  for (size_t i = 1; i <= wanted.size(); ++i) {
    auto corner = row[0];
    row[0] = i;
    for (size_t j = 1; j < row.size(); ++j) {
      auto other = corner + (wanted[i - 1] != heard[j - 1]);
      corner = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, other});
    }
  }
  return row.back();
}

} // namespace dubber::test
