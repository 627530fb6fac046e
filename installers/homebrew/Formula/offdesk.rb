class Offdesk < Formula
  desc "Coding agents keep working on your machine while you are away, without a desktop"
  homepage "https://github.com/offdesk/offdesk"
  version "{{version}}"
  license any_of: ["MIT", "Apache-2.0"]

  on_macos do
    on_arm do
      url "https://github.com/offdesk/offdesk/releases/download/v{{version}}/offdesk-{{version}}-aarch64-apple-darwin.tar.gz"
      sha256 "{{sha256 offdesk-{{version}}-aarch64-apple-darwin.tar.gz}}"
    end
    on_intel do
      url "https://github.com/offdesk/offdesk/releases/download/v{{version}}/offdesk-{{version}}-x86_64-apple-darwin.tar.gz"
      sha256 "{{sha256 offdesk-{{version}}-x86_64-apple-darwin.tar.gz}}"
    end
  end

  on_linux do
    on_intel do
      url "https://github.com/offdesk/offdesk/releases/download/v{{version}}/offdesk-{{version}}-x86_64-unknown-linux-gnu.tar.gz"
      sha256 "{{sha256 offdesk-{{version}}-x86_64-unknown-linux-gnu.tar.gz}}"
    end
  end

  def install
    bin.install "offdesk"
    man1.install "share/offdesk.1"
    bash_completion.install "share/offdesk.bash" => "offdesk"
    zsh_completion.install "share/_offdesk"
    fish_completion.install "share/offdesk.fish"
  end

  # Homebrew's own services end a program's whole process group, and with it what agents started.
  def caveats
    <<~TEXT
      To have the gateway start when you log in:
        offdesk install
    TEXT
  end

  test do
    assert_match version.to_s, shell_output("#{bin}/offdesk --version")
  end
end
