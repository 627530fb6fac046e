cask "offdesk" do
  arch arm: "aarch64", intel: "x64"

  version "{{version}}"
  sha256 arm:   "{{sha256 Offdesk_{{version}}_aarch64.dmg}}",
         intel: "{{sha256 Offdesk_{{version}}_x64.dmg}}"

  url "https://github.com/offdesk/offdesk/releases/download/v#{version}/Offdesk_#{version}_#{arch}.dmg"
  name "Offdesk"
  desc "Coding agents keep working on your machine while you are away"
  homepage "https://github.com/offdesk/offdesk"

  auto_updates true
  depends_on macos: ">= :big_sur"

  app "Offdesk.app"
  binary "#{appdir}/Offdesk.app/Contents/MacOS/offdesk"

  uninstall launchctl: "dev.offdesk.gateway",
            quit:      "dev.offdesk.tray"

  # Only with --zap: the log of all runs and the keys of paired phones are in here.
  zap trash: [
    "~/Library/Application Support/Offdesk",
    "~/Library/LaunchAgents/dev.offdesk.gateway.plist",
    "~/Library/Logs/offdesk-gateway.log",
    "~/Library/WebKit/dev.offdesk.tray",
  ]
end
