/** English words of the page that helps to install the root certificate. */
export const trustEn = {
  'trust.title': 'Trust this hub',
  'trust.why':
    'Tills talk to this hub over an encrypted connection. Its certificate is made by the hub itself, in this shop. Install the hub’s root certificate on this device once, and browsers trust the connection without a warning. It can vouch for this hub’s own names and addresses only.',
  'trust.language': 'Language',
  'trust.step1': '1. Compare the fingerprint',
  'trust.compare':
    'It has to be the same as on the hub’s console, under Network. If it is not, stop here and call your technician.',
  'trust.step2': '2. Install the certificate',
  'trust.forThis': 'This looks like a device with {system}.',
  'trust.others': 'Another system?',
  'trust.download': 'Download the certificate',
  'trust.downloadProfile': 'Download the profile',
  'trust.step3': '3. Check',
  'trust.check': 'Check this browser',
  'trust.checking': 'Checking …',
  'trust.ok': 'This browser trusts the hub.',
  'trust.untrusted':
    'The hub is there, and this browser does not trust its certificate yet. Go through the steps once more, then close all windows of the browser and open it again.',
  'trust.unreachable':
    'The port for https, {port}, does not answer from here. A firewall or a guest network may be in between.',
  'trust.off': 'The hub does not serve https now. Its console says why, under Network.',
  'trust.unsure':
    'It did not work, and this browser does not say why: either the certificate is not trusted yet, or the port does not answer.',
  'trust.secure':
    'This page came over https already. If the browser showed no warning on the way here, it trusts the hub.',
  'trust.goOn': 'Go on to the hub',
  'trust.noRoot':
    'There is nothing to install here: the hub’s certificate does not come from a root of its own ({mode}).',
  'trust.lost': 'The hub does not answer. Check the network of this device, then reload the page.',
  'trust.loading': 'Asking the hub …',
  'trust.windows.1': 'Download the certificate and open the file.',
  'trust.windows.2': 'Press “Install Certificate…”, choose “Local Machine”, then Next.',
  'trust.windows.3':
    'Choose “Place all certificates in the following store”, press Browse, and take “Trusted Root Certification Authorities”.',
  'trust.windows.4':
    'Press Next and Finish. Chrome and Edge trust it after they were closed and opened again.',
  'trust.android.1': 'Download the certificate. The device needs a screen lock.',
  'trust.android.2':
    'Open Settings › Security › Encryption & credentials › Install a certificate › CA certificate. On some devices it is below “More security settings”.',
  'trust.android.3': 'Press “Install anyway”, enter the PIN, and choose the file in Downloads.',
  'trust.ios.1': 'In Safari, download the profile and press Allow.',
  'trust.ios.2': 'Open Settings › General › VPN & Device Management, choose the profile and press Install.',
  'trust.ios.3':
    'Open Settings › General › About › Certificate Trust Settings and switch the certificate on. Without this second step the profile alone is not trusted.',
  'trust.chromeos.1': 'Download the certificate.',
  'trust.chromeos.2':
    'Type chrome://certificate-manager into the address line, open “Local certificates” and then “Installed by you”.',
  'trust.chromeos.3': 'Beside “Trusted certificates” press Import and choose the file.',
  'trust.macos.1':
    'Download the certificate and open it: Keychain Access asks for a keychain. Take “System”.',
  'trust.macos.2':
    'Double-click the certificate in the list, open “Trust”, and set “When using this certificate” to “Always Trust”.',
  'trust.macos.3': 'Close the window and enter the password of the Mac.',
  'trust.linux.1': 'Download the certificate. On Debian and Ubuntu, in the folder of the download:',
  'trust.linux.2': 'On Fedora, copy it to /etc/pki/ca-trust/source/anchors/ and run update-ca-trust.',
  'trust.linux.3':
    'Browsers on Linux have stores of their own. Chrome and Chromium: chrome://certificate-manager › Local certificates › Installed by you › Import.',
  'trust.firefox': 'Firefox',
  'trust.firefox.1':
    'On Windows and macOS, Firefox takes the roots of the system: about:config, security.enterprise_roots.enabled set to true.',
  'trust.firefox.2':
    'Elsewhere: Settings › Privacy & Security › View Certificates › Authorities › Import, and tick “Trust this CA to identify websites”.',
} as const
