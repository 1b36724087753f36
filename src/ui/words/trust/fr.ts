/** French words of the page that helps to install the root certificate. */
import type { trustEn } from './en.ts'

export const trustFr: Record<keyof typeof trustEn, string> = {
  'trust.title': 'Faire confiance à ce hub',
  'trust.why':
    'Les caisses parlent à ce hub par une connexion chiffrée. Son certificat est créé par le hub lui-même, dans ce magasin. Installez une fois sa racine sur cet appareil, et les navigateurs lui font confiance sans avertissement. Elle ne peut garantir que les noms et adresses de ce hub.',
  'trust.language': 'Langue',
  'trust.step1': '1. Comparer l’empreinte',
  'trust.compare':
    'Elle doit être la même que sur la console du hub, sous Réseau. Sinon, arrêtez-vous et appelez votre technicien.',
  'trust.step2': '2. Installer le certificat',
  'trust.forThis': 'Cet appareil semble utiliser {system}.',
  'trust.others': 'Un autre système ?',
  'trust.download': 'Télécharger le certificat',
  'trust.downloadProfile': 'Télécharger le profil',
  'trust.step3': '3. Vérifier',
  'trust.check': 'Vérifier ce navigateur',
  'trust.checking': 'Vérification …',
  'trust.ok': 'Ce navigateur fait confiance au hub.',
  'trust.untrusted':
    'Le hub est là, mais ce navigateur ne reconnaît pas encore son certificat. Refaites les étapes, puis fermez toutes les fenêtres du navigateur et rouvrez-le.',
  'trust.unreachable':
    'Le port https, {port}, ne répond pas d’ici. Un pare-feu ou un réseau invité est peut-être entre les deux.',
  'trust.off': 'Le hub ne sert pas https en ce moment. Sa console dit pourquoi, sous Réseau.',
  'trust.unsure':
    'Cela n’a pas marché, et ce navigateur ne dit pas pourquoi : soit le certificat n’est pas encore reconnu, soit le port ne répond pas.',
  'trust.secure':
    'Cette page est déjà venue par https. Si le navigateur n’a montré aucun avertissement, il fait confiance au hub.',
  'trust.goOn': 'Continuer vers le hub',
  'trust.noRoot': 'Rien à installer ici : le certificat du hub ne vient pas d’une racine propre ({mode}).',
  'trust.lost': 'Le hub ne répond pas. Vérifiez le réseau de cet appareil, puis rechargez la page.',
  'trust.loading': 'Le hub est interrogé …',
  'trust.windows.1': 'Téléchargez le certificat et ouvrez le fichier.',
  'trust.windows.2':
    'Cliquez sur « Installer un certificat… », choisissez « Ordinateur local », puis Suivant.',
  'trust.windows.3':
    'Choisissez « Placer tous les certificats dans le magasin suivant », cliquez sur Parcourir et prenez « Autorités de certification racines de confiance ».',
  'trust.windows.4':
    'Cliquez sur Suivant et Terminer. Chrome et Edge le reconnaissent après avoir été fermés et rouverts.',
  'trust.android.1': 'Téléchargez le certificat. L’appareil doit avoir un verrouillage d’écran.',
  'trust.android.2':
    'Ouvrez Paramètres › Sécurité › Chiffrement et identifiants › Installer un certificat › Certificat CA. Sur certains appareils, c’est sous « Autres paramètres de sécurité ».',
  'trust.android.3':
    'Appuyez sur « Installer quand même », saisissez le code et choisissez le fichier dans Téléchargements.',
  'trust.ios.1': 'Dans Safari, téléchargez le profil et touchez Autoriser.',
  'trust.ios.2':
    'Ouvrez Réglages › Général › VPN et gestion de l’appareil, choisissez le profil et touchez Installer.',
  'trust.ios.3':
    'Ouvrez Réglages › Général › Informations › Réglages des certificats et activez le certificat. Sans cette seconde étape, le profil seul ne suffit pas.',
  'trust.chromeos.1': 'Téléchargez le certificat.',
  'trust.chromeos.2':
    'Saisissez chrome://certificate-manager dans la barre d’adresse, ouvrez « Certificats locaux » puis « Installés par vous ».',
  'trust.chromeos.3': 'À côté de « Certificats approuvés », cliquez sur Importer et choisissez le fichier.',
  'trust.macos.1':
    'Téléchargez le certificat et ouvrez-le : Trousseaux d’accès demande un trousseau. Prenez « Système ».',
  'trust.macos.2':
    'Double-cliquez sur le certificat dans la liste, ouvrez « Se fier » et réglez « Lors de l’utilisation de ce certificat » sur « Toujours approuver ».',
  'trust.macos.3': 'Fermez la fenêtre et saisissez le mot de passe du Mac.',
  'trust.linux.1': 'Téléchargez le certificat. Sur Debian et Ubuntu, dans le dossier du téléchargement :',
  'trust.linux.2': 'Sur Fedora, copiez-le dans /etc/pki/ca-trust/source/anchors/ et lancez update-ca-trust.',
  'trust.linux.3':
    'Sous Linux, les navigateurs ont leurs propres magasins. Chrome et Chromium : chrome://certificate-manager › Certificats locaux › Installés par vous › Importer.',
  'trust.firefox': 'Firefox',
  'trust.firefox.1':
    'Sous Windows et macOS, Firefox reprend les racines du système : about:config, security.enterprise_roots.enabled à true.',
  'trust.firefox.2':
    'Ailleurs : Paramètres › Vie privée et sécurité › Afficher les certificats › Autorités › Importer, et cochez « Confirmer cette AC pour identifier des sites web ».',
}
