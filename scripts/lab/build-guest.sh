#!/bin/bash
# Builds the guest of the hardware lab from Debian packages: kernel, initrd and root file system in OUT. Needs root and apt; puts
# nothing into the host's kernel and mounts nothing. A second run takes what the first one made (CACHE).
set -euo pipefail
lab=$(cd "$(dirname "$0")" && pwd)
out=${1:?the folder to build into}
cache=$out/cache
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
packages=udev,kmod,libusb-1.0-0,libstdc++6,libatomic1,procps
mkdir -p "$cache"

# 1. The kernel is unpacked, never installed.
kernel=$(apt-cache depends linux-image-amd64 | sed -n 's/.*Depends: \(linux-image-[^ ]*\).*/\1/p' | head -1)
version=${kernel#linux-image-}
if [ ! -d "$cache/$kernel" ]; then
  (cd "$cache" && apt-get download -qq "$kernel" && dpkg-deb -x "$kernel"_*.deb "$kernel.part" && mv "$kernel.part" "$kernel" && rm -f "$kernel"_*.deb)
fi
cp "$cache/$kernel/boot/vmlinuz-$version" "$out/vmlinuz"

# 2. The modules that the lab needs, with all that they depend on.
wanted="virtio_pci virtio_blk virtio_console virtio_rng ext4 crc32c_generic
 dummy_hcd libcomposite usb_f_printer usb_f_hid usb_f_acm usbip_core vhci_hcd uhid
 usblp cdc_acm usbhid hid hid_generic usbserial ftdi_sio evdev xhci_pci xhci_hcd"
stage=$(mktemp -d "$out/stage.XXXX")
trap 'rm -rf "$stage"' EXIT
source=$cache/$kernel/lib/modules/$version
target=$stage/root/lib/modules/$version
declare -A file copied
while read -r path; do name=$(basename "$path" .ko); file[${name//-/_}]=$path; done < <(cd "$source" && find . -name '*.ko')
depends() { tr '\0' '\n' <"$source/${file[$1]}" | sed -n 's/^depends=//p' | tr ',-' ' _'; }
ordered=()
copy() {
  local name=$1 need
  [ -z "${copied[$name]:-}" ] && [ -n "${file[$name]:-}" ] || return 0
  copied[$name]=1
  for need in $(depends "$name"); do copy "$need"; done
  mkdir -p "$target/$(dirname "${file[$name]}")"
  cp "$source/${file[$name]}" "$target/${file[$name]}"
  ordered+=("$name")
}

# 3. The root file system, kept as long as its list of packages stays the same.
base=$cache/root-$suite-$(echo "$packages" | sha256sum | cut -c1-8).tar
if [ ! -f "$base" ]; then
  mmdebstrap --quiet --mode=root --format=tar --variant=minbase --include="$packages" \
    --aptopt='Acquire::Languages "none"' --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --dpkgopt='path-exclude=/usr/share/man/*' \
    "$suite" "$base.part" /etc/apt/sources.list.d/debian.sources
  mv "$base.part" "$base"
fi
mkdir -p "$stage/root"
tar -C "$stage/root" -xf "$base" --exclude='./dev/*'
for module in $wanted; do copy "$module"; done
cp "$source"/modules.{builtin,builtin.modinfo,order} "$target/"
chroot "$stage/root" /sbin/depmod -a "$version"
install -m 755 "$lab/guest/init" "$stage/root/lab-init"
mkdir -p "$stage/root/app"
truncate -s 600M "$stage/root.ext4"
mkfs.ext4 -q -F -L labroot -O ^has_journal -m 0 -d "$stage/root" "$stage/root.ext4"
mv "$stage/root.ext4" "$out/root.ext4"

# 4. An initrd that finds the root and goes on there.
ordered=()
copied=()
mkdir -p "$stage/initrd/bin" "$stage/initrd/dev" "$stage/initrd/proc" "$stage/initrd/sys" "$stage/initrd/mnt" "$stage/initrd/mod"
for module in virtio_pci virtio_blk crc32c_generic ext4; do copy "$module"; done
for module in "${ordered[@]}"; do cp "$source/${file[$module]}" "$stage/initrd/mod/$module.ko"; done
cp /bin/busybox "$stage/initrd/bin/"
{
  echo '#!/bin/busybox sh'
  echo 'b=/bin/busybox; $b mount -t devtmpfs d /dev; $b mount -t proc p /proc; $b mount -t sysfs s /sys'
  for module in "${ordered[@]}"; do echo "\$b insmod /mod/$module.ko"; done
  echo 'n=0; while [ ! -b /dev/vda ] && [ $n -lt 100 ]; do $b sleep 0.05; n=$((n+1)); done'
  echo '$b mount -t ext4 -o noatime /dev/vda /mnt || { echo "the root file system cannot be mounted"; $b poweroff -f; }'
  echo 'for place in dev proc sys; do $b mount -o move /$place /mnt/$place; done'
  echo '$b ifconfig lo 127.0.0.1 up'
  echo 'exec $b switch_root /mnt /lab-init'
} >"$stage/initrd/init"
chmod +x "$stage/initrd/init"
(cd "$stage/initrd" && find . | cpio -o -H newc --quiet | gzip -1) >"$out/initrd.gz"
cat "$lab/build-guest.sh" "$lab/guest/init" | sha256sum | cut -d' ' -f1 >"$out/built-from"
