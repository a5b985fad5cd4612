declare module "*.graphql" {
  const document: string;
  export default document;
}
declare module "*.css" {
  const sheet: string;
  export default sheet;
}
