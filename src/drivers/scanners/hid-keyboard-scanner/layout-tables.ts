/** Keyboard layouts as xkb-data has them. Written by scripts/keyboard-layouts.ts; what Windows has otherwise stands in layouts.ts. */

/**
 * Four levels (plain, shift, AltGr, shift and AltGr) of four rows (TLDE AE01 to AE12, AD01 to AD12, AC01 to AC11 BKSL, LSGT
 * AB01 to AB10). `†` and an accent: a dead key. `∅`: nothing.
 */
export const layoutTables = [
  {
    id: 'us',
    name: 'English (United States)',
    decimal: '.',
    levels: [
      [
        '` 1 2 3 4 5 6 7 8 9 0 - =',
        'q w e r t y u i o p [ ]',
        "a s d f g h j k l ; ' \\",
        '< z x c v b n m , . /',
      ],
      [
        '~ ! @ # $ % ^ & * ( ) _ +',
        'Q W E R T Y U I O P { }',
        'A S D F G H J K L : " |',
        '> Z X C V B N M < > ?',
      ],
      [
        '∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
        '∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
        '∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
        '| ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
      ],
      [
        '∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
        '∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
        '∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
        '¦ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
      ],
    ],
  },
  {
    id: 'gb',
    name: 'English (United Kingdom)',
    decimal: '.',
    levels: [
      [
        '` 1 2 3 4 5 6 7 8 9 0 - =',
        'q w e r t y u i o p [ ]',
        "a s d f g h j k l ; ' #",
        '\\ z x c v b n m , . /',
      ],
      [
        '¬ ! " £ $ % ^ & * ( ) _ +',
        'Q W E R T Y U I O P { }',
        'A S D F G H J K L : @ ~',
        '| Z X C V B N M < > ?',
      ],
      [
        '| ¹ ² ³ € ½ ¾ { [ ] } \\ †¸',
        '@ ſ e ¶ ŧ ← ↓ → ø þ †¨ †~',
        'æ ß ð đ ŋ ħ ∅ ĸ ł †´ †^ †`',
        '| « » ¢ „ “ ” µ • · ∅',
      ],
      [
        '| ¡ ⅛ £ ¼ ⅜ ⅝ ⅞ ™ ± ° ¿ †˛',
        'Ω § E ® Ŧ ¥ ↑ ı Ø Þ †˚ †¯',
        'Æ ẞ Ð ª Ŋ Ħ ∅ & Ł †˝ †ˇ †˘',
        '¦ < > © ‚ ‘ ’ º × ÷ †˙',
      ],
    ],
  },
  {
    id: 'de',
    name: 'German (Germany, Austria)',
    decimal: ',',
    levels: [
      [
        '†^ 1 2 3 4 5 6 7 8 9 0 ß †´',
        'q w e r t z u i o p ü +',
        'a s d f g h j k l ö ä #',
        '< y x c v b n m , . -',
      ],
      [
        '° ! " § $ % & / ( ) = ? †`',
        'Q W E R T Z U I O P Ü *',
        "A S D F G H J K L Ö Ä '",
        '> Y X C V B N M ; : _',
      ],
      [
        '′ ¹ ² ³ ¼ ½ ¬ { [ ] } \\ †¸',
        '@ ſ € ¶ ŧ ← ↓ → ø þ †¨ ~',
        'æ ſ ð đ ŋ ħ ∅ ĸ ł †˝ †^ ’',
        '| » « ¢ „ “ ” µ · … –',
      ],
      [
        '″ ¡ ⅛ £ ¤ ⅜ ⅝ ⅞ ™ ± ° ¿ †˛',
        'Ω § € ® Ŧ ¥ ↑ ı Ø Þ †˚ ¯',
        'Æ ẞ Ð ª Ŋ Ħ †˙ & Ł ∅ †ˇ †˘',
        '∅ › ‹ © ‚ ‘ ’ º × ÷ —',
      ],
    ],
  },
  {
    id: 'ch-de',
    name: 'German (Switzerland)',
    decimal: '.',
    levels: [
      [
        "§ 1 2 3 4 5 6 7 8 9 0 ' †^",
        'q w e r t z u i o p ü †¨',
        'a s d f g h j k l ö ä $',
        '< y x c v b n m , . -',
      ],
      [
        '° + " * ç % & / ( ) = ? †`',
        'Q W E R T Z U I O P è !',
        'A S D F G H J K L é à £',
        '> Y X C V B N M ; : _',
      ],
      [
        '¬ | @ # ¼ ½ ¬ | ¢ ] } †´ †~',
        '@ ſ € ¶ ŧ ← ↓ → œ þ [ ]',
        'æ ß ð đ ŋ ħ ∅ ĸ ł †´ { }',
        '\\ « » ¢ „ “ ” µ • · ∅',
      ],
      [
        '¬ ¡ ⅛ £ $ ⅜ ⅝ ⅞ ™ ± ° ¿ †˛',
        'Ω § E ® Ŧ ¥ ↑ ı Œ Þ †˚ †¯',
        'Æ ẞ Ð ª Ŋ Ħ ∅ & Ł †˝ †ˇ †˘',
        '¦ < > © ‚ ‘ ’ º × ÷ †˙',
      ],
    ],
  },
  {
    id: 'ch-fr',
    name: 'French (Switzerland)',
    decimal: '.',
    levels: [
      [
        "§ 1 2 3 4 5 6 7 8 9 0 ' †^",
        'q w e r t z u i o p è †¨',
        'a s d f g h j k l é à $',
        '< y x c v b n m , . -',
      ],
      [
        '° + " * ç % & / ( ) = ? †`',
        'Q W E R T Z U I O P ü !',
        'A S D F G H J K L ö ä £',
        '> Y X C V B N M ; : _',
      ],
      [
        '¬ | @ # ¼ ½ ¬ | ¢ ] } †´ †~',
        '@ ſ € ¶ ŧ ← ↓ → œ þ [ ]',
        'æ ß ð đ ŋ ħ ∅ ĸ ł †´ { }',
        '\\ « » ¢ „ “ ” µ • · ∅',
      ],
      [
        '¬ ¡ ⅛ £ $ ⅜ ⅝ ⅞ ™ ± ° ¿ †˛',
        'Ω § E ® Ŧ ¥ ↑ ı Œ Þ †˚ †¯',
        'Æ ẞ Ð ª Ŋ Ħ ∅ & Ł †˝ †ˇ †˘',
        '¦ < > © ‚ ‘ ’ º × ÷ †˙',
      ],
    ],
  },
  {
    id: 'fr',
    name: 'French (France)',
    decimal: '.',
    levels: [
      [
        '² & é " \' ( - è _ ç à ) =',
        'a z e r t y u i o p †^ $',
        'q s d f g h j k l m ù *',
        '< w x c v b n , ; : !',
      ],
      [
        '∅ 1 2 3 4 5 6 7 8 9 0 ° +',
        'A Z E R T Y U I O P †¨ £',
        'Q S D F G H J K L M % µ',
        '> W X C V B N ? . / §',
      ],
      [
        '∅ ∅ ~ # { [ | ` \\ ^ @ ] }',
        '∅ ∅ € ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ¤',
        '∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
        '| ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
      ],
      [
        '∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
        '∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
        '∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
        '¦ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅ ∅',
      ],
    ],
  },
  {
    id: 'be',
    name: 'Belgian',
    decimal: '.',
    levels: [
      [
        '² & é " \' ( § è ! ç à ) -',
        'a z e r t y u i o p †^ $',
        'q s d f g h j k l m ù µ',
        '< w x c v b n , ; : =',
      ],
      [
        '³ 1 2 3 4 5 6 7 8 9 0 ° _',
        'A Z E R T Y U I O P †¨ *',
        'Q S D F G H J K L M % £',
        '> W X C V B N ? . / +',
      ],
      [
        '¬ | @ # ¼ ½ ^ { [ { } \\ †¸',
        '@ ſ € ¶ ŧ ← ↓ → œ þ [ ]',
        'æ ß ð đ ŋ ħ ∅ ĸ ł †´ †´ †`',
        '\\ « » ¢ „ “ ” †¸ • · †~',
      ],
      [
        '¬ ¡ ⅛ £ $ ⅜ ⅝ ⅞ ™ ± ° ¿ †˛',
        'Ω § ¢ ® Ŧ ¥ ↑ ı Œ Þ †˚ †¯',
        'Æ ẞ Ð ª Ŋ Ħ ∅ & Ł †˝ †ˇ †˘',
        '\\ < > © ‚ ‘ ’ º × ÷ †˙',
      ],
    ],
  },
  {
    id: 'es',
    name: 'Spanish',
    decimal: '.',
    levels: [
      [
        "º 1 2 3 4 5 6 7 8 9 0 ' ¡",
        'q w e r t y u i o p †` +',
        'a s d f g h j k l ñ †´ ç',
        '< z x c v b n m , . -',
      ],
      [
        'ª ! " · $ % & / ( ) = ? ¿',
        'Q W E R T Y U I O P †^ *',
        'A S D F G H J K L Ñ †¨ Ç',
        '> Z X C V B N M ; : _',
      ],
      [
        '\\ | @ # ~ € ¬ { [ ] } \\ †¸',
        '@ ſ € ¶ ŧ ← ↓ → ø þ [ ]',
        'æ ß ð đ ŋ ħ ∅ ĸ ł †~ { }',
        '| « » ¢ „ “ ” µ • · ∅',
      ],
      [
        '\\ ¡ ⅛ £ $ ⅜ ⅝ ⅞ ™ ± ° ¿ †˛',
        'Ω § ¢ ® Ŧ ¥ ↑ ı Ø Þ †˚ †¯',
        'Æ ẞ Ð ª Ŋ Ħ ∅ & Ł †˝ †ˇ †˘',
        '¦ < > © ‚ ‘ ’ º × ÷ †˙',
      ],
    ],
  },
  {
    id: 'it',
    name: 'Italian',
    decimal: '.',
    levels: [
      [
        "\\ 1 2 3 4 5 6 7 8 9 0 ' ì",
        'q w e r t y u i o p è +',
        'a s d f g h j k l ò à ù',
        '< z x c v b n m , . -',
      ],
      [
        '| ! " £ $ % & / ( ) = ? ^',
        'Q W E R T Y U I O P é *',
        'A S D F G H J K L ç ° §',
        '> Z X C V B N M ; : _',
      ],
      [
        '¬ ¹ ² ³ ¼ € ¬ { [ ] } ` ~',
        '@ ſ € ¶ ŧ ← ↓ → ø þ [ ]',
        'æ ß ð đ ŋ ħ ∅ ĸ ł @ # †`',
        '« « » ¢ “ ” ñ µ †´ · †¯',
      ],
      [
        '¦ ¡ †˝ †~ ⅛ ⅜ ⅝ ⅞ ™ ± †˛ ¿ †^',
        'Ω § ¢ ® Ŧ ¥ ↑ ı Ø Þ { }',
        'Æ ẞ Ð ª Ŋ Ħ ∅ & Ł †¸ †˚ †˘',
        '» < > © ‘ ’ Ñ º × †¨ ÷',
      ],
    ],
  },
  {
    id: 'se',
    name: 'Swedish',
    decimal: ',',
    levels: [
      [
        '§ 1 2 3 4 5 6 7 8 9 0 + †´',
        'q w e r t y u i o p å †¨',
        "a s d f g h j k l ö ä '",
        '< z x c v b n m , . -',
      ],
      [
        '½ ! " # ¤ % & / ( ) = ? †`',
        'Q W E R T Y U I O P Å †^',
        'A S D F G H J K L Ö Ä *',
        '> Z X C V B N M ; : _',
      ],
      [
        '¶ ¡ @ £ $ € ¥ { [ ] } \\ ±',
        '@ ſ € ® þ ← ↓ → œ þ †¨ †~',
        'ª ß ð đ ŋ ħ ∅ ĸ ł ø æ ´',
        '| « » © „ “ ” µ †¸ · ∅',
      ],
      [
        '¾ ¹ ² ³ ¼ ¢ ⅝ ÷ « » ° ¿ ¬',
        'Ω § ¢ ® Þ ¥ ↑ ı Œ Þ †˚ †ˇ',
        'º ẞ Ð ª Ŋ Ħ ∅ & Ł Ø Æ ×',
        '¦ < > © ‚ ‘ ’ º †˛ †˙ †˙',
      ],
    ],
  },
  {
    id: 'fi',
    name: 'Finnish',
    decimal: ',',
    levels: [
      [
        '§ 1 2 3 4 5 6 7 8 9 0 + †´',
        'q w e r t y u i o p å †¨',
        "a s d f g h j k l ö ä '",
        '< z x c v b n m , . -',
      ],
      [
        '½ ! " # ¤ % & / ( ) = ? †`',
        'Q W E R T Y U I O P Å †^',
        'A S D F G H J K L Ö Ä *',
        '> Z X C V B N M ; : _',
      ],
      [
        '∅ ∅ @ £ $ € ‚ { [ ] } \\ †¸',
        'q w € r þ y u ı œ ∅ †˝ †~',
        'ə ß ð f g h j ĸ ∅ ø æ †ˇ',
        '| ʒ × c v b ŋ µ ’ ∅ –',
      ],
      [
        '∅ ¡ ” » « “ „ ∅ < > ° ¿ †˛',
        'Q W ∅ R Þ Y U | Œ ∅ †˚ †¯',
        'Ə ẞ Ð F G H J ∅ ∅ Ø Æ †˘',
        '¦ Ʒ · C V B Ŋ — ‘ †˙ ∅',
      ],
    ],
  },
  {
    id: 'dk',
    name: 'Danish',
    decimal: ',',
    levels: [
      [
        '½ 1 2 3 4 5 6 7 8 9 0 + †´',
        'q w e r t y u i o p å †¨',
        "a s d f g h j k l æ ø '",
        '< z x c v b n m , . -',
      ],
      [
        '§ ! " # ¤ % & / ( ) = ? †`',
        'Q W E R T Y U I O P Å †^',
        'A S D F G H J K L Æ Ø *',
        '> Z X C V B N M ; : _',
      ],
      [
        '¾ ¡ @ £ $ € ¥ { [ ] } ± |',
        '@ ſ € ® þ ← ↓ → œ þ †¨ †~',
        'ª ß ð đ ŋ ħ ∅ ĸ ł †´ †^ †˝',
        '\\ « » © „ “ ” µ †¸ · ∅',
      ],
      [
        '¶ ¹ ² ³ ¼ ¢ ⅝ ÷ « » ° ¿ ¦',
        'Ω § ¢ ® Þ ¥ ↑ ı Œ Þ †˚ †ˇ',
        'º ẞ Ð ª Ŋ Ħ ∅ & Ł †˝ †ˇ ×',
        '¬ < > © ‚ ‘ ’ º †˛ †˙ †˙',
      ],
    ],
  },
  {
    id: 'no',
    name: 'Norwegian',
    decimal: ',',
    levels: [
      [
        '| 1 2 3 4 5 6 7 8 9 0 + \\',
        'q w e r t y u i o p å †¨',
        "a s d f g h j k l ø æ '",
        '< z x c v b n m , . -',
      ],
      [
        '§ ! " # ¤ % & / ( ) = ? †`',
        'Q W E R T Y U I O P Å †^',
        'A S D F G H J K L Ø Æ *',
        '> Z X C V B N M ; : _',
      ],
      [
        '¦ ¡ @ £ $ € ¥ { [ ] } ± †´',
        '@ ſ € ® þ ← ↓ → œ π †¨ †~',
        'ª ß ð đ ŋ ħ ∅ ĸ ł †´ †^ †˝',
        '½ « » © „ “ ” µ †¸ … –',
      ],
      [
        '¶ ¹ ² ³ ¼ ‰ ⅝ ÷ « » ° ¿ ¬',
        'Ω § ¢ ™ Þ ¥ ↑ ı Œ Π †˚ †ˇ',
        'º ẞ Ð ª Ŋ Ħ ∅ & Ł †˝ †ˇ ×',
        '¾ < > © ‚ ‘ ’ º †˛ · —',
      ],
    ],
  },
] as const
