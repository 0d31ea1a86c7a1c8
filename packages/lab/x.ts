import { readFileSync } from "node:fs";
import { readSafetensors } from "edgewise/io";
import { print } from "edgewise/ir";
import { prepare } from "../edgewise/src/posterior/prepare.ts";
import { hopfield } from "../edgewise/src/mechanisms/hopfield.ts";
import { slot } from "../edgewise/src/mechanisms/slot.ts";
const rd=(f:string)=>Object.fromEntries(readSafetensors(readFileSync(f),f).tensors);
function cmp(name:string,a:any,b:any){ if(!a){console.log(name,"missing");return;} let w=0; for(let k=0;k<b.data.length;k++){w=Math.max(w,Math.abs(a.data[k]-b.data[k]))} console.log("  ",name,a.shape.join(),b.shape.join(),"err",w);}
async function run(ex:string,model:any,read:string[],map:Record<string,string>){
  console.log(ex);
  const d="/work/shared/examples/"+ex+"/"; const inp=rd(d+"input.safetensors"),exp=rd(d+"expected.safetensors");
  const p=await prepare(model,{read});
  const ans:any=await p(inp); console.log(ans.info.iterations, ans.info.freeEnergy);
  for(const [k,v] of Object.entries(exp)) cmp(k, ans[map[k.split("@")[0]]??k.split("@")[0]], v);
  return p;
}
async function grad(ex:string,model:any,read:string[]){
  console.log("gradient",ex);
  const d="/work/shared/examples/"+ex+"/"; const inp=rd(d+"input.safetensors"),exp=rd(d+"expected.safetensors");
  const p=await prepare(model,{read});
  const cot:any={},ins:any={}; for(const[k,v] of Object.entries(inp)) if(k.startsWith("d_")) cot[k.slice(2)]=v; else ins[k]=v;
  const g:any=await p.gradient(ins,cot);
  for(const [k,v] of Object.entries(exp)) cmp(k, g[k.slice(2)], v);
}
const p=await run("hopfield/two-steps",hopfield({precision:2,maxIterations:2}),["state","freeEnergy"],{energy:"freeEnergy"});

await run("hopfield/laplace",hopfield({precision:.5,maxIterations:8}),["state","freeEnergy","precisionMatrix"],{energy:"freeEnergy",precision_matrix:"precisionMatrix"});
await grad("hopfield/gradient-two",hopfield({precision:1.5,maxIterations:2}),["state"]);
await run("slot/sum",slot({maxIterations:3}),["slots","responsibilities","freeEnergy"],{energy:"freeEnergy"});
await run("slot/mean-distance",slot({update:"mean",maxIterations:3}),["slots","responsibilities","freeEnergy"],{energy:"freeEnergy"});
await grad("slot/gradient-sum",slot({maxIterations:2}),["slots"]);
