/** What the editor uses of htm: `const html = htm.bind(h)`. */

declare const htm: {
  bind<R>(h: (type: any, props: any, ...children: any[]) => R): (strings: TemplateStringsArray, ...values: any[]) => any;
};
export default htm;
