/** Spanish words of the page that helps to install the root certificate. */
import type { trustEn } from './en.ts'

export const trustEs: Record<keyof typeof trustEn, string> = {
  'trust.title': 'Confiar en este hub',
  'trust.why':
    'Las cajas hablan con este hub por una conexión cifrada. Su certificado lo crea el propio hub, en esta tienda. Instale una vez su raíz en este dispositivo y los navegadores confiarán sin avisos. Solo puede avalar los nombres y direcciones de este hub.',
  'trust.language': 'Idioma',
  'trust.step1': '1. Compare la huella',
  'trust.compare':
    'Debe ser la misma que en la consola del hub, en Red. Si no lo es, deténgase y llame a su técnico.',
  'trust.step2': '2. Instale el certificado',
  'trust.forThis': 'Parece un dispositivo con {system}.',
  'trust.others': '¿Otro sistema?',
  'trust.download': 'Descargar el certificado',
  'trust.downloadProfile': 'Descargar el perfil',
  'trust.step3': '3. Compruebe',
  'trust.check': 'Comprobar este navegador',
  'trust.checking': 'Comprobando …',
  'trust.ok': 'Este navegador confía en el hub.',
  'trust.untrusted':
    'El hub está ahí, pero este navegador aún no confía en su certificado. Repita los pasos, cierre todas las ventanas del navegador y ábralo de nuevo.',
  'trust.unreachable':
    'El puerto de https, {port}, no responde desde aquí. Puede haber un cortafuegos o una red de invitados en medio.',
  'trust.off': 'El hub no ofrece https ahora. Su consola dice por qué, en Red.',
  'trust.unsure':
    'No ha funcionado y este navegador no dice por qué: o el certificado aún no es de confianza, o el puerto no responde.',
  'trust.secure': 'Esta página ya llegó por https. Si el navegador no mostró ningún aviso, confía en el hub.',
  'trust.goOn': 'Continuar al hub',
  'trust.noRoot':
    'Aquí no hay nada que instalar: el certificado del hub no viene de una raíz propia ({mode}).',
  'trust.lost': 'El hub no responde. Compruebe la red de este dispositivo y recargue la página.',
  'trust.loading': 'Preguntando al hub …',
  'trust.windows.1': 'Descargue el certificado y abra el archivo.',
  'trust.windows.2': 'Pulse «Instalar certificado…», elija «Equipo local» y Siguiente.',
  'trust.windows.3':
    'Elija «Colocar todos los certificados en el siguiente almacén», pulse Examinar y tome «Entidades de certificación raíz de confianza».',
  'trust.windows.4':
    'Pulse Siguiente y Finalizar. Chrome y Edge confían en él tras cerrarlos y abrirlos de nuevo.',
  'trust.android.1': 'Descargue el certificado. El dispositivo necesita un bloqueo de pantalla.',
  'trust.android.2':
    'Abra Ajustes › Seguridad › Cifrado y credenciales › Instalar un certificado › Certificado de CA. En algunos dispositivos está en «Más ajustes de seguridad».',
  'trust.android.3': 'Pulse «Instalar de todos modos», introduzca el PIN y elija el archivo en Descargas.',
  'trust.ios.1': 'En Safari, descargue el perfil y pulse Permitir.',
  'trust.ios.2': 'Abra Ajustes › General › VPN y gestión de dispositivos, elija el perfil y pulse Instalar.',
  'trust.ios.3':
    'Abra Ajustes › General › Información › Ajustes de confianza de los certificados y active el certificado. Sin este segundo paso, el perfil solo no basta.',
  'trust.chromeos.1': 'Descargue el certificado.',
  'trust.chromeos.2':
    'Escriba chrome://certificate-manager en la barra de direcciones, abra «Certificados locales» y luego «Instalados por ti».',
  'trust.chromeos.3': 'Junto a «Certificados de confianza», pulse Importar y elija el archivo.',
  'trust.macos.1': 'Descargue el certificado y ábralo: Acceso a Llaveros pide un llavero. Elija «Sistema».',
  'trust.macos.2':
    'Haga doble clic en el certificado de la lista, abra «Confiar» y ponga «Al utilizar este certificado» en «Confiar siempre».',
  'trust.macos.3': 'Cierre la ventana e introduzca la contraseña del Mac.',
  'trust.linux.1': 'Descargue el certificado. En Debian y Ubuntu, en la carpeta de la descarga:',
  'trust.linux.2': 'En Fedora, cópielo a /etc/pki/ca-trust/source/anchors/ y ejecute update-ca-trust.',
  'trust.linux.3':
    'En Linux, los navegadores tienen almacenes propios. Chrome y Chromium: chrome://certificate-manager › Certificados locales › Instalados por ti › Importar.',
  'trust.firefox': 'Firefox',
  'trust.firefox.1':
    'En Windows y macOS, Firefox usa las raíces del sistema: about:config, security.enterprise_roots.enabled en true.',
  'trust.firefox.2':
    'En los demás: Ajustes › Privacidad y seguridad › Ver certificados › Autoridades › Importar, y marque «Confiar en esta CA para identificar sitios web».',
}
