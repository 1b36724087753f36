"""Every key of every layout as libxkbcommon has it: `xkb.py us de: ch:fr` prints lists of [key code, level, keysym, character]."""

import ctypes
import json
import sys

xkb = ctypes.CDLL("libxkbcommon.so.0")
for name in ("xkb_context_new", "xkb_keymap_new_from_names"):
    getattr(xkb, name).restype = ctypes.c_void_p


class Names(ctypes.Structure):
    _fields_ = [(name, ctypes.c_char_p) for name in ("rules", "model", "layout", "variant", "options")]


def level_masks(keymap, key, level):
    masks = (ctypes.c_uint32 * 16)()
    count = xkb.xkb_keymap_key_get_mods_for_level(keymap, key, 0, level, masks, ctypes.c_size_t(16))
    return list(masks[:count])


def keys_of(context, layout, variant):
    names = Names(b"evdev", b"pc105", layout.encode(), variant.encode(), b"")
    keymap = ctypes.c_void_p(xkb.xkb_keymap_new_from_names(context, ctypes.byref(names), 0))
    shift, third = (1 << xkb.xkb_keymap_mod_get_index(keymap, name) for name in (b"Shift", b"Mod5"))
    found = []
    for key in range(xkb.xkb_keymap_min_keycode(keymap), xkb.xkb_keymap_max_keycode(keymap) + 1):
        for level, held in enumerate((0, shift, third, shift | third)):
            if level >= xkb.xkb_keymap_num_levels_for_key(keymap, key, 0):
                break
            syms = ctypes.POINTER(ctypes.c_uint32)()
            count = xkb.xkb_keymap_key_get_syms_by_level(keymap, key, 0, level, ctypes.byref(syms))
            # A level that other modifiers reach is not ours.
            if count != 1 or held not in level_masks(keymap, key, level):
                continue
            name = ctypes.create_string_buffer(64)
            xkb.xkb_keysym_get_name(syms[0], name, ctypes.c_size_t(64))
            found.append([key, level, name.value.decode(), xkb.xkb_keysym_to_utf32(syms[0])])
    return found


context = ctypes.c_void_p(xkb.xkb_context_new(0))
print(json.dumps([keys_of(context, *f"{name}:".split(":")[:2]) for name in sys.argv[1:]]))
