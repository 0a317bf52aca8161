/**
 * Runs inside the interpreter. What one expression does to the language's own objects would change what later ones
 * mean, so these objects are frozen, after the expression library had its chance to extend them. Members that every
 * object inherits become accessors: assigning `o.toString` still makes a member of `o`, as it would unfrozen.
 */
export const REMEMBER_INTRINSICS = `
globalThis.$freezeIntrinsics = (function () {
  var define = Object.defineProperty, describe = Object.getOwnPropertyDescriptor, freeze = Object.freeze;
  var keys = Reflect.ownKeys, parent = Object.getPrototypeOf, TypeError_ = TypeError;
  var roots = keys(globalThis).map(function (key) { return globalThis[key]; });
  roots.push(parent(function* () {}), parent(async function () {}), parent([][Symbol.iterator]()));
  var overridable = [Object.prototype, Function.prototype, Error.prototype, Array.prototype];
  function open(owner) {
    keys(owner).forEach(function (key) {
      var found = describe(owner, key);
      if (!('value' in found) || !found.configurable) return;
      define(owner, key, {
        get: function () { return found.value; },
        set: function (value) {
          if (this === owner) throw new TypeError_('the language itself cannot be changed');
          define(this, key, { value: value, writable: true, enumerable: true, configurable: true });
        },
        enumerable: found.enumerable, configurable: true
      });
    });
  }
  return function () {
    var seen = new Set(roots), one, own, index, found;
    for (one of seen) {
      if ((typeof one !== 'object' && typeof one !== 'function') || one === null || one === globalThis) continue;
      seen.add(parent(one));
      for (own = keys(one), index = own.length; index-- > 0;) {
        found = describe(one, own[index]);
        if ('value' in found) seen.add(found.value);
        else seen.add(found.get).add(found.set);
      }
    }
    overridable.forEach(open);
    seen.delete(globalThis);
    seen.forEach(freeze);
    keys(globalThis).forEach(function (key) {
      var found = describe(globalThis, key);
      if (roots.indexOf(found.value) >= 0 && found.configurable)
        define(globalThis, key, { value: found.value, writable: false, configurable: false, enumerable: false });
    });
  };
})();
`;

export const FREEZE_INTRINSICS = '$freezeIntrinsics(); delete globalThis.$freezeIntrinsics;';
