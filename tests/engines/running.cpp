#include "tests/engines/running.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>

namespace dubber::test {

namespace {

constexpr time_t answer_timeout_s = 100;

httplib::Client client(int port) {
  httplib::Client out{"127.0.0.1", port};
  out.set_read_timeout(answer_timeout_s);
  return out;
}

reply reply_of(const httplib::Result& result) {
  return result ? reply{result->status, result->body} : reply{};
}

} // namespace

std::vector<std::string>
engine_process::command(std::vector<std::string> arguments,
                        const scratch& folder) {
  arguments.insert(arguments.begin(), ENGINES_PROGRAM);
  arguments.insert(arguments.end(), {"--data", folder.file("data").string()});
  return arguments;
}

size_t engine_process::peak_memory() const {
  std::ifstream status{"/proc/" + std::to_string(pid()) + "/status"};
  for (std::string line; std::getline(status, line);)
    if (line.starts_with("VmHWM:"))
      return std::stoul(line.substr(6)) * 1024;
  throw std::runtime_error("the engine is gone");
}

int engine_process::terminate() {
  ::kill(pid(), SIGTERM);
  return child_.wait(std::chrono::steady_clock::now()
                     + std::chrono::seconds{2});
}

namespace {

struct process_info {
  pid_t pid = 0;
  char state = 0;
  pid_t parent = 0;
  pid_t group = 0;
};

std::vector<process_info> all_processes() {
  std::vector<process_info> out;
  for (auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    std::ifstream in{entry.path() / "stat"};
    std::string text;
    std::getline(in, text);
    auto at = text.rfind(')'); // a program's name may hold anything
    process_info info;
    if (at == std::string::npos
        || std::sscanf(text.c_str() + at + 1, " %c %d %d", &info.state,
                       &info.parent, &info.group)
             != 3)
      continue;
    info.pid = std::stoi(text);
    out.push_back(info);
  }
  return out;
}

} // namespace

std::vector<pid_t> child_groups(pid_t parent) {
  std::vector<pid_t> out;
  for (auto& x : all_processes())
    if (x.parent == parent && x.group == x.pid)
      out.push_back(x.pid);
  return out;
}

std::vector<pid_t> members(pid_t group) {
  std::vector<pid_t> out;
  for (auto& x : all_processes())
    if (x.group == group && x.state != 'Z')
      out.push_back(x.pid);
  return out;
}

bool eventually(const std::function<bool()>& condition) {
  for (auto until = soon(); std::chrono::steady_clock::now() < until;) {
    if (condition())
      return true;
    std::this_thread::yield();
  }
  return condition();
}

reply get(int port, const std::string& path) {
  return reply_of(client(port).Get(path));
}

reply post(int port, const std::string& path, const std::string& body,
           const std::string& type) {
  return reply_of(client(port).Post(path, body, type));
}

reply upload(int port, const std::string& path,
             const std::filesystem::path& file, const std::string& name,
             const std::vector<std::pair<std::string, std::string>>& fields) {
  std::string head = "--edge\r\nContent-Disposition: form-data; name=\"file\"; "
                     "filename=\""
                     + name + "\"\r\n\r\n";
  std::string tail = "\r\n";
  for (auto& [key, value] : fields)
    tail += "--edge\r\nContent-Disposition: form-data; name=\"" + key
            + "\"\r\n\r\n" + value + "\r\n";
  tail += "--edge--\r\n";
  auto length = head.size() + std::filesystem::file_size(file) + tail.size();
  raw_client peer{port};
  peer.send("POST " + path
            + " HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: "
              "multipart/form-data; boundary=edge\r\nContent-Length: "
            + std::to_string(length) + "\r\n\r\n" + head);
  std::ifstream in{file, std::ios::binary};
  std::vector<char> block(256 << 10);
  while (in.read(block.data(), static_cast<std::streamsize>(block.size()))
         || in.gcount() > 0)
    if (!peer.send({block.data(), static_cast<size_t>(in.gcount())}))
      break;
  peer.send(tail);
  auto answer = peer.read_all();
  auto body = answer.find("\r\n\r\n");
  if (body == std::string::npos)
    return {};
  return {std::stoi(answer.substr(9, 3)), answer.substr(body + 4)};
}

std::string raw(int port, std::string_view bytes) {
  raw_client peer{port};
  peer.send(bytes);
  return peer.read_all();
}

raw_client::raw_client(int port) : fd_(::socket(AF_INET, SOCK_STREAM, 0)) {
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(static_cast<uint16_t>(port));
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  timeval limit{answer_timeout_s, 0};
  ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
  if (::connect(fd_, reinterpret_cast<sockaddr*>(&to), sizeof to) != 0)
    throw std::runtime_error("cannot connect");
}

raw_client::~raw_client() {
  ::close(fd_);
}

bool raw_client::send(std::string_view bytes) {
  while (!bytes.empty()) {
    auto n = ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (n <= 0)
      return false;
    bytes.remove_prefix(static_cast<size_t>(n));
  }
  return true;
}

std::string raw_client::read_all() {
  std::string out;
  char buffer[16384];
  for (;;) {
    auto n = ::recv(fd_, buffer, sizeof buffer, 0);
    if (n <= 0)
      return out;
    out.append(buffer, static_cast<size_t>(n));
  }
}

void write_wav(const std::filesystem::path& file,
               const std::vector<int16_t>& samples, int rate) {
  std::ofstream out{file, std::ios::binary};
  auto number = [&](uint32_t value, std::streamsize bytes) {
    out.write(reinterpret_cast<const char*>(&value), bytes); // little endian
  };
  auto bytes = static_cast<uint32_t>(samples.size() * 2);
  out << "RIFF";
  number(36 + bytes, 4);
  out << "WAVEfmt ";
  number(16, 4);
  number(1, 2); // PCM
  number(1, 2);
  number(static_cast<uint32_t>(rate), 4);
  number(static_cast<uint32_t>(rate) * 2, 4);
  number(2, 2);
  number(16, 2);
  out << "data";
  number(bytes, 4);
  out.write(reinterpret_cast<const char*>(samples.data()), bytes);
}

} // namespace dubber::test
