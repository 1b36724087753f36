/** German words of the page that helps to install the root certificate. */
import type { trustEn } from './en.ts'

export const trustDe: Record<keyof typeof trustEn, string> = {
  'trust.title': 'Diesem Hub vertrauen',
  'trust.why':
    'Kassen sprechen mit diesem Hub über eine verschlüsselte Verbindung. Sein Zertifikat erstellt der Hub selbst, hier im Laden. Installieren Sie sein Stammzertifikat einmal auf diesem Gerät, dann vertrauen Browser der Verbindung ohne Warnung. Es kann nur für die Namen und Adressen dieses Hubs bürgen.',
  'trust.language': 'Sprache',
  'trust.step1': '1. Fingerabdruck vergleichen',
  'trust.compare':
    'Er muss derselbe sein wie auf der Konsole des Hubs, unter Netzwerk. Wenn nicht, hören Sie hier auf und rufen Sie Ihren Techniker.',
  'trust.step2': '2. Zertifikat installieren',
  'trust.forThis': 'Das sieht nach einem Gerät mit {system} aus.',
  'trust.others': 'Ein anderes System?',
  'trust.download': 'Zertifikat herunterladen',
  'trust.downloadProfile': 'Profil herunterladen',
  'trust.step3': '3. Prüfen',
  'trust.check': 'Diesen Browser prüfen',
  'trust.checking': 'Wird geprüft …',
  'trust.ok': 'Dieser Browser vertraut dem Hub.',
  'trust.untrusted':
    'Der Hub ist da, aber dieser Browser vertraut seinem Zertifikat noch nicht. Gehen Sie die Schritte noch einmal durch, schließen Sie dann alle Fenster des Browsers und öffnen Sie ihn neu.',
  'trust.unreachable':
    'Der Port für https, {port}, antwortet von hier aus nicht. Dazwischen kann eine Firewall oder ein Gästenetz liegen.',
  'trust.off': 'Der Hub bietet zurzeit kein https an. Warum, sagt seine Konsole unter Netzwerk.',
  'trust.unsure':
    'Es hat nicht geklappt, und dieser Browser sagt nicht, warum: Entweder ist das Zertifikat noch nicht vertraut, oder der Port antwortet nicht.',
  'trust.secure':
    'Diese Seite kam schon über https. Wenn der Browser auf dem Weg hierher nicht gewarnt hat, vertraut er dem Hub.',
  'trust.goOn': 'Weiter zum Hub',
  'trust.noRoot':
    'Hier ist nichts zu installieren: Das Zertifikat des Hubs kommt nicht von einem eigenen Stammzertifikat ({mode}).',
  'trust.lost': 'Der Hub antwortet nicht. Prüfen Sie das Netz dieses Geräts und laden Sie die Seite neu.',
  'trust.loading': 'Der Hub wird gefragt …',
  'trust.windows.1': 'Laden Sie das Zertifikat herunter und öffnen Sie die Datei.',
  'trust.windows.2':
    'Klicken Sie auf „Zertifikat installieren…“, wählen Sie „Lokaler Computer“, dann Weiter.',
  'trust.windows.3':
    'Wählen Sie „Alle Zertifikate in folgendem Speicher speichern“, klicken Sie auf Durchsuchen und nehmen Sie „Vertrauenswürdige Stammzertifizierungsstellen“.',
  'trust.windows.4':
    'Klicken Sie auf Weiter und Fertig stellen. Chrome und Edge vertrauen ihm, nachdem sie geschlossen und neu geöffnet wurden.',
  'trust.android.1': 'Laden Sie das Zertifikat herunter. Das Gerät braucht eine Displaysperre.',
  'trust.android.2':
    'Öffnen Sie Einstellungen › Sicherheit › Verschlüsselung & Anmeldedaten › Ein Zertifikat installieren › CA-Zertifikat. Auf manchen Geräten steht es unter „Weitere Sicherheitseinstellungen“.',
  'trust.android.3':
    'Tippen Sie auf „Trotzdem installieren“, geben Sie die PIN ein und wählen Sie die Datei unter Downloads.',
  'trust.ios.1': 'Laden Sie in Safari das Profil und tippen Sie auf Zulassen.',
  'trust.ios.2':
    'Öffnen Sie Einstellungen › Allgemein › VPN und Geräteverwaltung, wählen Sie das Profil und tippen Sie auf Installieren.',
  'trust.ios.3':
    'Öffnen Sie Einstellungen › Allgemein › Info › Zertifikatsvertrauenseinstellungen und schalten Sie das Zertifikat ein. Ohne diesen zweiten Schritt gilt das Profil allein nicht.',
  'trust.chromeos.1': 'Laden Sie das Zertifikat herunter.',
  'trust.chromeos.2':
    'Geben Sie chrome://certificate-manager in die Adresszeile ein, öffnen Sie „Lokale Zertifikate“ und dann „Von Ihnen installiert“.',
  'trust.chromeos.3':
    'Klicken Sie neben „Vertrauenswürdige Zertifikate“ auf Importieren und wählen Sie die Datei.',
  'trust.macos.1':
    'Laden Sie das Zertifikat herunter und öffnen Sie es: Die Schlüsselbundverwaltung fragt nach einem Schlüsselbund. Nehmen Sie „System“.',
  'trust.macos.2':
    'Doppelklicken Sie das Zertifikat in der Liste, öffnen Sie „Vertrauen“ und stellen Sie „Bei Verwendung dieses Zertifikats“ auf „Immer vertrauen“.',
  'trust.macos.3': 'Schließen Sie das Fenster und geben Sie das Passwort des Mac ein.',
  'trust.linux.1': 'Laden Sie das Zertifikat herunter. Auf Debian und Ubuntu, im Ordner des Downloads:',
  'trust.linux.2':
    'Auf Fedora kopieren Sie es nach /etc/pki/ca-trust/source/anchors/ und rufen update-ca-trust auf.',
  'trust.linux.3':
    'Browser haben unter Linux eigene Speicher. Chrome und Chromium: chrome://certificate-manager › Lokale Zertifikate › Von Ihnen installiert › Importieren.',
  'trust.firefox': 'Firefox',
  'trust.firefox.1':
    'Unter Windows und macOS übernimmt Firefox die Stammzertifikate des Systems: about:config, security.enterprise_roots.enabled auf true.',
  'trust.firefox.2':
    'Sonst: Einstellungen › Datenschutz & Sicherheit › Zertifikate anzeigen › Zertifizierungsstellen › Importieren, und „Dieser CA vertrauen, um Websites zu identifizieren“ ankreuzen.',
}
